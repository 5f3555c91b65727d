//! Reads a manifest as people write it, with the files that it names, or a suite by itself.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::guarding::HookNames;
use super::types::{Manifest, template as template_name};
use super::{examples, read};
use crate::guard::{GuardFault, guard};
use crate::reading::{At, Collector, Fault, Faults, nearest};
use crate::suite::{self, Dialect, Files, NoFiles, Suite};
use crate::template::{self, Content, Document, Node};

/// The largest file that is read: far beyond what people write.
const LARGEST_FILE: usize = 1024 * 1024;

/// The files beside a manifest.
pub trait ReadFile {
    /// The bytes of the file at a path, `/` between segments.
    ///
    /// # Errors
    /// The reason why there are none.
    fn read_file(&self, path: &str) -> Result<Vec<u8>, ReadFileError>;
}

/// The reason why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFileError {
    /// There is none.
    #[error("there is no file {0}")]
    Missing(String),
    /// It is there, and something else is wrong.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The fault, in words.
        reason: String,
    },
}

/// A manifest that was read.
#[derive(Debug)]
pub struct Loaded {
    /// The manifest, or all of its faults.
    pub manifest: Result<Manifest, Faults>,
    /// The files that it is made of, itself and the template first.
    pub files: BTreeSet<String>,
}

/// Reads the manifest at `path` with all that it names.
pub fn load(files: &dyn ReadFile, path: &str) -> Loaded {
    let (collector, seen) = (Collector::default(), RefCell::default());
    let source = Source { files, seen: &seen, collector: &collector };
    let manifest = source.document(path, &Reporter::File(path)).and_then(|node| {
        let at = At::top(&node, path, &collector);
        let template = source.check_template(&at);
        let manifest = read::manifest(&at, &|at, files| source.suite(at, files), &source.beside(path))?;
        template.inspect(|template| check_guard(&at, &manifest, template));
        Some(manifest)
    });
    Loaded { manifest: collector.finish(manifest), files: seen.into_inner() }
}

/// A suite that was read by itself.
#[derive(Debug)]
pub struct LoadedSuite {
    /// The suite, or all of its faults.
    pub suite: Result<Suite, Faults>,
    /// The files that it is made of.
    pub files: BTreeSet<String>,
}

/// True if the file at `path` is a suite and no manifest.
pub fn is_suite(files: &dyn ReadFile, path: &str) -> bool {
    let (collector, seen) = (Collector::default(), RefCell::default());
    let root = Source { files, seen: &seen, collector: &collector }.document(path, &Reporter::File(path));
    let has_one_of =
        |names: [&str; 2]| root.as_ref().is_some_and(|root| names.iter().any(|name| root.get(name).is_some()));
    has_one_of(["checks", "public"]) && !has_one_of(["application", "functions"])
}

/// Reads the suite at `path` with all that it names. One of JSON is read as a parameter or an S3 object would hold it.
pub fn load_suite(files: &dyn ReadFile, path: &str) -> LoadedSuite {
    let (collector, seen) = (Collector::default(), RefCell::default());
    let source = Source { files, seen: &seen, collector: &collector };
    let suite = source.document(path, &Reporter::File(path)).and_then(|node| {
        let at = At::top(&node, path, &collector);
        let suite = match path.ends_with(".json") {
            true => suite::read(&at, Dialect::Parameter, &NoFiles),
            false => suite::read(&at, Dialect::File, &source.beside(path)),
        }?;
        examples::dry_run(&at, &suite);
        Some(suite)
    });
    LoadedSuite { suite: collector.finish(suite), files: seen.into_inner() }
}

/// The files, and who is told of their faults.
struct Source<'s> {
    files: &'s dyn ReadFile,
    seen: &'s RefCell<BTreeSet<String>>,
    collector: &'s Collector,
}

/// The place that is told of a file that cannot be read.
enum Reporter<'r> {
    /// The file itself: nothing names it.
    File(&'r str),
    /// The value that names it.
    Named(&'r At<'r>),
}

/// The files that a file may name: those from its folder on.
struct Beside<'s> {
    source: &'s Source<'s>,
    folder: String,
}

impl<'s> Source<'s> {
    fn beside(&'s self, path: &str) -> Beside<'s> {
        let folder = path.rfind('/').map_or("", |end| &path[..=end]);
        Beside { source: self, folder: folder.to_owned() }
    }

    /// The text of a file.
    fn text(&self, path: &str) -> Result<String, String> {
        let bytes = self.files.read_file(path).map_err(|error| error.to_string())?;
        self.seen.borrow_mut().insert(path.to_owned());
        if bytes.len() > LARGEST_FILE {
            return Err(format!("{path} holds {} bytes; at most {LARGEST_FILE} are read", bytes.len()));
        }
        if let Some(place) = bytes.iter().position(|byte| *byte == 0) {
            return Err(format!("{path} is no text: byte {place} is 0"));
        }
        String::from_utf8(bytes)
            .map_err(|error| format!("{path} is not UTF-8: byte {} cannot be read", error.utf8_error().valid_up_to()))
    }

    /// The tree of a file. Its own faults are reported in it, and that it cannot be read where it is named.
    fn document(&self, path: &str, reporter: &Reporter<'_>) -> Option<Node> {
        let text = match self.text(path) {
            Ok(text) => text,
            Err(message) => {
                match reporter {
                    Reporter::Named(at) => at.fault(message),
                    Reporter::File(path) => self.fault(path, 1, 1, message),
                }
                return None;
            }
        };
        let Document { root, faults } = template::parse_document(&text);
        for fault in faults {
            self.fault(path, fault.line, fault.column, fault.message);
        }
        root
    }

    fn fault(&self, file: &str, line: usize, column: usize, message: String) {
        self.collector.add(Fault { file: file.into(), line, column, pointer: String::new(), message });
    }

    /// A suite: where it stands, or in the file that is named there.
    fn suite(&self, at: &At<'_>, files: &dyn Files) -> Option<Suite> {
        if !matches!(at.node().content, Content::Text(_)) {
            let suite = read::suite(at, files)?;
            examples::dry_run(at, &suite);
            return Some(suite);
        }
        let path = self.beside(at.file()).path(at)?;
        let node = self.document(&path, &Reporter::Named(at))?;
        let at = At::top(&node, &path, self.collector);
        let suite = read::suite(&at, &self.beside(&path))?;
        examples::dry_run(&at, &suite);
        Some(suite)
    }

    /// Reports the functions that the template does not have; answers the template.
    fn check_template(&self, at: &At<'_>) -> Option<Node> {
        if at.node().entries().is_empty() {
            return None;
        }
        let members = at.entries().unwrap_or_default();
        let named = members.iter().find(|(name, _)| *name == "template").map(|(_, at)| at);
        let path = match named {
            Some(at) => self.beside(at.file()).path(at),
            None => Some(format!("{}{}", self.beside(at.file()).folder, template_name())),
        };
        let path = path?;
        let text = self.text(&path).map_err(|message| named.unwrap_or(at).fault(message)).ok()?;
        let parsed = template::parse(&text);
        let template = parsed.map_err(|error| self.fault(&path, error.line, error.column, error.message)).ok()?;
        let functions = members.iter().find(|(name, _)| *name == "functions").map(|(_, at)| at);
        // What is no map of functions is reported where functions are read.
        for (id, at) in functions.filter(|at| !at.node().entries().is_empty()).and_then(At::entries).unwrap_or_default()
        {
            check_function(id, &at, &template, &path);
        }
        Some(template)
    }
}

/// Reports the functions that cannot be guarded as the manifest asks. Those that are none are reported as functions.
fn check_guard(at: &At<'_>, manifest: &Manifest, template: &Node) {
    let Some(guarding) = &manifest.guard else { return };
    // The faults are the same in every stage.
    let wishes = guarding.with_preference("AllAtOnce", HookNames::of_stack(""));
    let functions = manifest.functions.keys().map(String::as_str);
    let Err(faults) = guard(&template.to_json(), functions, &wishes) else { return };
    let members = at.entries().unwrap_or_default();
    let named = members.iter().find(|(name, _)| *name == "functions").and_then(|(_, at)| at.entries());
    let named = named.unwrap_or_default();
    for fault in faults.iter().filter(|fault| !matches!(fault, GuardFault::Missing { .. } | GuardFault::Kind { .. })) {
        if let Some((_, at)) = named.iter().find(|(id, _)| *id == fault.function()) {
            at.fault_of_key(fault.to_string());
        }
    }
}

fn check_function(id: &str, at: &At<'_>, template: &Node, path: &str) {
    let resources = template.get("Resources").map(Node::entries).unwrap_or_default();
    let kind = |node: &Node| node.get("Type").and_then(Node::as_str).map(str::to_owned);
    let is_function = |kind: &str| matches!(kind, "AWS::Serverless::Function" | "AWS::Lambda::Function");
    let found = resources.iter().find(|resource| resource.key == id);
    match found.map(|resource| kind(&resource.value).unwrap_or_default()) {
        Some(kind) if is_function(&kind) => {}
        Some(kind) => at.fault_of_key(format!("{id} is no function in {path}, but {kind:?}")),
        None => {
            let functions = resources
                .iter()
                .filter(|resource| kind(&resource.value).is_some_and(|kind| is_function(&kind)))
                .map(|resource| resource.key.as_str());
            at.fault_of_key(match nearest(id, functions) {
                Some(near) => format!("there is no function {id} in {path}; did you mean {near}?"),
                None => format!("there is no function {id} in {path}"),
            });
        }
    }
}

impl Beside<'_> {
    /// The path that is named at a place; reports one that leads elsewhere.
    fn path(&self, named: &At<'_>) -> Option<String> {
        let name = named.text()?;
        let segments: Vec<&str> = name.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
        if name.starts_with('/') || name.contains(['\\', ':']) || segments.contains(&"..") || segments.is_empty() {
            named.fault(format!("{name:?} is no path from the folder of this file on"));
            return None;
        }
        Some(format!("{}{}", self.folder, segments.join("/")))
    }
}

impl Files for Beside<'_> {
    fn schema(&self, named: &At<'_>) -> Option<Value> {
        let path = self.path(named)?;
        self.source.document(&path, &Reporter::Named(named)).map(|node| node.to_json())
    }
}
