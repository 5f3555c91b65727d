//! An application and its functions.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::guarding::{Guarding, HookNames};
use super::judged::Judged;
use super::read;
use super::stages::DeclaredStage;
use crate::guard::Guard;
use crate::identity::Stage;
use crate::reading::{At, Collector, Fault, Faults};
use crate::suite::{NoFiles, Suite};
use crate::template::Node;

/// The manifest of an application: what Slipway is to know of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Manifest {
    /// The application's name: letters, digits and hyphens.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-zA-Z][a-zA-Z0-9-]{0,63}$")))]
    pub application: String,
    /// The application's template, beside the manifest; `template.yaml` unless said.
    #[cfg_attr(feature = "schema", schemars(default = "template"))]
    pub template: String,
    /// The functions that are judged, by their logical ids in the template.
    #[cfg_attr(feature = "schema", schemars(extend("minProperties" = 1)))]
    pub functions: BTreeMap<String, Function>,
    /// What is judged during a shift, of every function that does not say it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<Judged>,
    /// The guard of every function that has none in the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guarding>,
    /// The stages that releases go through, in the order of promotion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub stages: Vec<DeclaredStage>,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Function {
    /// Its checks, or the name of the file that holds them.
    #[cfg_attr(feature = "schema", schemars(with = "SuiteOrFile"))]
    pub suite: Suite,
    /// What is judged during its shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<Judged>,
}

/// A suite where it is used, or the name of the file that holds it.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it is written down in the schema alone")]
enum SuiteOrFile {
    /// The name of a file, from the folder of the file that names it.
    File(String),
    /// The suite itself.
    Suite(Suite),
}

/// The template unless said.
pub(super) fn template() -> String {
    "template.yaml".to_owned()
}

impl Manifest {
    /// Reads the canonical text that a release carries.
    ///
    /// # Errors
    /// Every fault, with its JSON pointer.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let value: Value = serde_json::from_str(text).map_err(|error| Fault {
            file: "".into(),
            line: error.line(),
            column: error.column(),
            pointer: String::new(),
            message: format!("not JSON: {error}"),
        })?;
        let (node, collector) = (Node::from_json(&value), Collector::default());
        let manifest = read::manifest(&At::top(&node, "", &collector), &read::suite, &NoFiles);
        collector.finish(manifest)
    }

    /// The one text of this manifest: JSON with everything in it that it names, members in the order of their names, no spaces.
    #[must_use]
    pub fn to_canonical(&self) -> String {
        // A value of texts, numbers and maps with text keys: there is nothing that JSON could not hold.
        serde_json::to_value(self).map(|value| sorted(value).to_string()).unwrap_or_default()
    }

    /// The stage of a name; none if the manifest declares none of it.
    #[must_use]
    pub fn stage(&self, name: &Stage) -> Option<&DeclaredStage> {
        self.stages.iter().find(|stage| stage.name == *name)
    }

    /// The guard of a stage, in which the stage's own deployment takes the place of the guard's; none if the manifest asks for none.
    #[must_use]
    pub fn guard(&self, stage: &Stage, hooks: HookNames) -> Option<Guard> {
        let guarding = self.guard.as_ref()?;
        let own = self.stage(stage).and_then(|stage| stage.deployment.as_deref());
        Some(match own {
            Some(own) => guarding.with_preference(own, hooks),
            None => guarding.guard(stage, hooks),
        })
    }

    /// What is judged during the shift of a function: its own, or the application's.
    #[must_use]
    pub fn judged(&self, function: &str) -> Judged {
        let own = self.functions.get(function).and_then(|function| function.judge.clone());
        own.or_else(|| self.judge.clone()).unwrap_or_default()
    }
}

/// The value with its members in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(members) => {
            let members: BTreeMap<String, Value> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(members.into_iter().collect())
        }
        scalar => scalar,
    }
}
