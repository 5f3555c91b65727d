//! The ports in the functions' sources: what their documentation says they need of AWS, and what their adapters call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use slipway_tests::project_dir;
use syn::visit::Visit;

use super::facts::Facts;

/// Operations that IAM knows by other actions.
const OTHERWISE: &[(&str, &[&str])] = &[
    ("lambda:Invoke", &["lambda:InvokeFunction"]),
    // The second, so that S3 says 404 of what is not there.
    ("s3:HeadObject", &["s3:GetObject", "s3:ListBucket"]),
    // Each part of a transaction is an action of its own.
    ("dynamodb:TransactWriteItems", &[]),
];
/// The parts of a transaction, by the types of which they are built.
const PARTS: [(&str, &str); 4] = [
    ("ConditionCheck", "dynamodb:ConditionCheckItem"),
    ("Delete", "dynamodb:DeleteItem"),
    ("Put", "dynamodb:PutItem"),
    ("Update", "dynamodb:UpdateItem"),
];

/// A trait: its bounds, its own and those of its associated types, and the actions that its documentation names.
#[derive(Debug, Default)]
struct Port {
    bounds: BTreeSet<String>,
    actions: BTreeSet<String>,
}

/// What a function's body does: the calls that may be AWS operations, and the functions of the same file or type that it uses.
#[derive(Debug, Default)]
struct Body {
    operations: BTreeSet<String>,
    uses: BTreeSet<(Of, String)>,
}

/// The place of a function that another one uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    File,
    Type,
}

/// The sources of what ships.
#[derive(Debug, Default)]
pub(super) struct Sources {
    ports: BTreeMap<(String, String), Port>,
    /// By file, or by type, and name.
    bodies: BTreeMap<(String, String), Vec<Body>>,
    /// Trait, type and file of each implementation, with the names of its functions.
    adapters: Vec<(String, String, String, Vec<String>)>,
}

impl Sources {
    pub(super) fn read(facts: &Facts) -> Result<Self> {
        let mut sources = Self::default();
        let folders = ["shared", "functions/canary-watch", "functions/contacts-api", "functions/deploy-trigger"];
        for folder in folders {
            sources.folder(facts, &project_dir().join(folder).join("src"))?;
        }
        Ok(sources)
    }

    fn folder(&mut self, facts: &Facts, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.folder(facts, &path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                let parsed = syn::parse_file(&text).with_context(|| path.display().to_string())?;
                let file = path.strip_prefix(project_dir())?.display().to_string();
                let vendors = vendors(&text);
                parsed.items.iter().for_each(|item| self.item(facts, &file, &vendors, item));
            }
        }
        Ok(())
    }

    fn item(&mut self, facts: &Facts, file: &str, vendors: &[String], item: &syn::Item) {
        match item {
            syn::Item::Trait(item) => {
                let types = item.items.iter().filter_map(|item| match item {
                    syn::TraitItem::Type(item) => Some(&item.bounds),
                    _ => None,
                });
                let bounds = [&item.supertraits].into_iter().chain(types).flatten();
                let port = Port {
                    bounds: bounds.filter_map(|bound| Some(last(&trait_of(bound)?.path))).collect(),
                    actions: documented(&item.attrs),
                };
                self.ports.insert((file.to_owned(), item.ident.to_string()), port);
            }
            syn::Item::Fn(item) => {
                self.body(file, &item.sig.ident.to_string(), Body::of(facts, vendors, &item.block));
            }
            syn::Item::Impl(item) => {
                let syn::Type::Path(own) = &*item.self_ty else { return };
                let own = last(&own.path);
                let mut names = Vec::new();
                for function in &item.items {
                    let syn::ImplItem::Fn(function) = function else { continue };
                    names.push(function.sig.ident.to_string());
                    self.body(&own, &function.sig.ident.to_string(), Body::of(facts, vendors, &function.block));
                }
                if let Some((of, _)) = &item.trait_ {
                    self.adapters.push((last(of), own, file.to_owned(), names));
                }
            }
            _ => {}
        }
    }

    fn body(&mut self, place: &str, name: &str, body: Body) {
        self.bodies.entry((place.to_owned(), name.to_owned())).or_default().push(body);
    }

    /// The actions that a trait and its bounds need, all the way down. A trait of another crate needs none.
    pub(super) fn needed(&self, file: &str, name: &str) -> BTreeSet<String> {
        let own = self.ports.get(&(file.to_owned(), name.to_owned()));
        let shared = || self.ports.iter().find(|((_, known), _)| known == name).map(|(_, port)| port);
        let Some(port) = own.or_else(shared) else { return BTreeSet::new() };
        let below = port.bounds.iter().flat_map(|bound| self.needed(file, bound));
        port.actions.iter().cloned().chain(below).collect()
    }

    /// Every port whose documentation names actions, and every adapter to AWS: what the one says and the other does.
    pub(super) fn adapted(&self) -> Vec<(String, BTreeSet<String>, BTreeSet<String>)> {
        let is_aws = |own: &str| own.starts_with("Aws") || own == "DynamoDb";
        let adapters = self.adapters.iter().filter(|(_, own, _, _)| is_aws(own));
        let told = adapters.filter_map(|(name, own, file, functions)| {
            let (_, port) = self.ports.iter().find(|((_, known), _)| known == name)?;
            let mut done = BTreeSet::new();
            for function in functions {
                self.follow([file, own], (Of::Type, function), &mut BTreeSet::new(), &mut done);
            }
            Some((format!("{name} for {own}"), port.actions.clone(), done))
        });
        told.collect()
    }

    fn follow(
        &self,
        [file, own]: [&str; 2],
        (of, name): (Of, &str),
        seen: &mut BTreeSet<(Of, String)>,
        done: &mut BTreeSet<String>,
    ) {
        if !seen.insert((of, name.to_owned())) {
            return;
        }
        let place = if of == Of::File { file } else { own };
        for body in self.bodies.get(&(place.to_owned(), name.to_owned())).into_iter().flatten() {
            done.extend(body.operations.iter().cloned());
            for (of, used) in &body.uses {
                self.follow([file, own], (*of, used), seen, done);
            }
        }
    }
}

/// The services whose clients a file names, as IAM calls them.
fn vendors(text: &str) -> Vec<String> {
    let named = text.match_indices("aws_sdk_").map(|(at, prefix)| {
        let name = text[at + prefix.len()..].chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
        if name == "cloudwatchlogs" { "logs".to_owned() } else { name }
    });
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

fn trait_of(bound: &syn::TypeParamBound) -> Option<&syn::TraitBound> {
    match bound {
        syn::TypeParamBound::Trait(bound) => Some(bound),
        _ => None,
    }
}

fn last(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// The actions in the documentation: `` `service:Action` ``.
fn documented(attributes: &[syn::Attribute]) -> BTreeSet<String> {
    let texts = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(syn::MetaNameValue { path, value: syn::Expr::Lit(literal), .. })
            if path.is_ident("doc") =>
        {
            match &literal.lit {
                syn::Lit::Str(text) => Some(text.value()),
                _ => None,
            }
        }
        _ => None,
    });
    let is_action = |text: &&str| {
        let parts = text.split_once(':');
        parts.is_some_and(|(vendor, name)| {
            vendor.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(char::is_alphanumeric)
        })
    };
    let text = texts.collect::<Vec<_>>().join("\n");
    text.split('`').skip(1).step_by(2).filter(is_action).map(str::to_owned).collect()
}

impl Body {
    fn of(facts: &Facts, vendors: &[String], block: &syn::Block) -> Self {
        let mut calls = Calls { facts, vendors, body: Self::default() };
        calls.visit_block(block);
        calls.body
    }
}

struct Calls<'a> {
    facts: &'a Facts,
    vendors: &'a [String],
    body: Body,
}

impl Calls<'_> {
    /// The actions of a method of an SDK's client: `get_item` is `GetItem`.
    fn actions(&self, method: &str) -> Vec<String> {
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        };
        let operation: String = method.split('_').map(capital).collect();
        let names = self.vendors.iter().map(|vendor| format!("{vendor}:{operation}"));
        names
            .flat_map(|name| match OTHERWISE.iter().find(|(known, _)| *known == name) {
                Some((_, actions)) => actions.iter().map(|action| (*action).to_owned()).collect(),
                None => self.facts.named(&name).into_iter().collect::<Vec<_>>(),
            })
            .collect()
    }
}

impl<'ast> Visit<'ast> for Calls<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        let is_own = matches!(&*call.receiver, syn::Expr::Path(path) if path.path.is_ident("self"));
        if is_own {
            self.body.uses.insert((Of::Type, method));
        } else if call.args.is_empty() {
            // An operation of a client takes no arguments: they are set one by one.
            let actions = self.actions(&method);
            self.body.operations.extend(actions);
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        let mut segments = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
        let (name, before) = (segments.next().unwrap_or_default(), segments.next());
        let of = if before.as_deref() == Some("Self") { Of::Type } else { Of::File };
        if name == "builder" && self.vendors.iter().any(|vendor| vendor == "dynamodb") {
            let part = PARTS.iter().find(|(part, _)| before.as_deref() == Some(*part));
            self.body.operations.extend(part.map(|(_, action)| (*action).to_owned()));
        }
        self.body.uses.insert((of, name));
        syn::visit::visit_expr_path(self, path);
    }
}
