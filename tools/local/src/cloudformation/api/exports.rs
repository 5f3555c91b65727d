//! Exports and who imports them.

use std::collections::BTreeMap;

use serde_json::json;

use super::pages;
use super::request::required;
use super::state::{CloudFormation, Declared};
use crate::cloudformation::driver::StackDriver;
use crate::cloudformation::engine::Exports;
use crate::cloudformation::errors::validation;
use crate::cloudformation::status::StackStatus;
use crate::core::{Input, Reply};

struct Export {
    stack_id: String,
    stack_name: String,
    name: String,
    value: String,
}

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("ListExports", "NextToken", |service, request| service.list_exports(&request.input)),
    Declared::now("ListImports", "ExportName NextToken", |service, request| service.list_imports(&request.input)),
];

impl CloudFormation {
    fn list_exports(&self, input: &Input) -> Reply {
        let mut exports = self.exports();
        exports.sort_by(|left, right| left.name.cmp(&right.name));
        let shown = |one: Export| {
            let json = json!({ "ExportingStackId": one.stack_id, "Name": one.name, "Value": one.value });
            (one.name, json)
        };
        pages::answer(input, "Exports", "ListExports", exports.into_iter().map(shown).collect())
    }

    fn list_imports(&self, input: &Input) -> Reply {
        let name = required(input, "ExportName")?;
        if !self.exports().iter().any(|export| export.name == name) {
            return Err(validation(format!("Export '{name}' does not exist")));
        }
        let mut importers = self.importers(name, "");
        if importers.is_empty() {
            return Err(validation(format!("Export '{name}' is not imported by any stack.")));
        }
        importers.sort();
        let keyed = importers.into_iter().map(|stack| (stack.clone(), json!(stack))).collect();
        pages::answer(input, "Imports", &format!("ListImports:{name}"), keyed)
    }

    /// The exports' values, for `Fn::ImportValue`.
    pub(super) fn exported_values(&self) -> BTreeMap<String, String> {
        self.exports().into_iter().map(|export| (export.name, export.value)).collect()
    }

    /// The limits that exports set to the stack of that ARN.
    pub(super) fn exports_but(&self, stack_id: &str) -> Exports {
        let (own, others): (Vec<Export>, Vec<Export>) =
            self.exports().into_iter().partition(|export| export.stack_id == stack_id);
        let used = own.into_iter().map(|export| (export.name.clone(), self.importers(&export.name, stack_id)));
        Exports {
            taken: others.into_iter().map(|export| (export.name, export.stack_name)).collect(),
            used: used.filter(|(_, importers)| !importers.is_empty()).collect(),
        }
    }

    fn exports(&self) -> Vec<Export> {
        let of_stack = |driver: StackDriver| -> Vec<Export> {
            driver.read(|engine| {
                let stack = &engine.stack;
                if stack.status == StackStatus::DeleteComplete {
                    return Vec::new();
                }
                let exported = stack.outputs.iter().filter_map(|output| Some((output.export.clone()?, output)));
                exported
                    .map(|(name, output)| Export {
                        stack_id: stack.identity.id.clone(),
                        stack_name: stack.identity.name.clone(),
                        name,
                        value: output.value.clone(),
                    })
                    .collect()
            })
        };
        self.all().into_iter().flat_map(of_stack).collect()
    }

    fn importers(&self, export: &str, but: &str) -> Vec<String> {
        let imports = |driver: StackDriver| {
            driver.read(|engine| {
                let stack = &engine.stack;
                (stack.identity.id != but && stack.imports(export)).then(|| stack.identity.name.clone())
            })
        };
        self.all().into_iter().filter_map(imports).collect()
    }
}
