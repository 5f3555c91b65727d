//! Aliases and their weights.

use std::sync::Arc;

use serde_json::{Value, json};

use super::errors::{conflict, function_not_found, invalid, not_found, untyped};
use super::functions::{REVISION_API, unqualified};
use super::names::{FunctionRef, LATEST};
use super::paging::page;
use super::registry::{Alias, Function, arn, check_revision};
use super::state::Lambda;
use crate::core::{Hub, Input, Reply, ServiceError};
use crate::operations::Operation;

/// Operations on aliases.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::now("CreateAlias", "*", |lambda: &Arc<Lambda>, request| lambda.create_alias(&request.input))
        .on_found(Lambda::resource),
    Operation::now("GetAlias", "*", |lambda: &Arc<Lambda>, request| lambda.get_alias(&request.input))
        .on_found(Lambda::resource),
    Operation::now("UpdateAlias", "*", |lambda: &Arc<Lambda>, request| lambda.update_alias(&request.input))
        .on_found(Lambda::resource),
    Operation::now("DeleteAlias", "*", |lambda: &Arc<Lambda>, request| lambda.delete_alias(&request.input))
        .on_found(Lambda::resource),
    Operation::now("ListAliases", "*", |lambda: &Arc<Lambda>, request| lambda.list_aliases(&request.input))
        .on_found(Lambda::resource),
];

impl Lambda {
    fn create_alias(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let name = input.opt_str("Name").unwrap_or_default();
        let mut registry = self.registry();
        let version = input.opt_str("FunctionVersion");
        // A function that is not there is missed as the version that the alias would have.
        let missing = || function_not_found(&arn(&self.hub, &named.name, version));
        let function = registry.functions.get_mut(&named.name).ok_or_else(missing)?;
        if function.aliases.contains_key(name) {
            return Err(conflict(format!("Alias already exists: {}", arn(&self.hub, &named.name, Some(name)))));
        }
        let alias = Alias {
            name: name.to_owned(),
            description: input.opt_str("Description").unwrap_or_default().to_owned(),
            version: version.unwrap_or_default().to_owned(),
            additional: routing(input)?.flatten(),
            revision: self.hub.ids.uuid(),
        };
        check_alias(&self.hub, function, &alias)?;
        let described = describe(&self.hub, &named, &alias);
        function.aliases.insert(name.to_owned(), alias);
        Ok(described)
    }

    fn get_alias(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let registry = self.registry();
        let name = input.opt_str("Name").unwrap_or_default();
        let function = registry.function(&self.hub, &named)?;
        let alias = function.aliases.get(name).ok_or_else(|| self.no_alias(&named, name))?;
        Ok(describe(&self.hub, &named, alias))
    }

    fn update_alias(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let mut registry = self.registry();
        let name = input.opt_str("Name").unwrap_or_default();
        let function = registry.function_mut(&self.hub, &named)?;
        let missing = || not_found(format!("Alias not found: {}", arn(&self.hub, &named.name, Some(name))));
        let mut alias = function.aliases.get(name).ok_or_else(missing)?.clone();
        check_revision(input, &alias.revision, REVISION_API)?;
        if let Some(version) = input.opt_str("FunctionVersion") {
            version.clone_into(&mut alias.version);
        }
        if let Some(description) = input.opt_str("Description") {
            description.clone_into(&mut alias.description);
        }
        if let Some(additional) = routing(input)? {
            alias.additional = additional;
        }
        check_alias(&self.hub, function, &alias)?;
        alias.revision = self.hub.ids.uuid();
        let described = describe(&self.hub, &named, &alias);
        function.aliases.insert(name.to_owned(), alias);
        Ok(described)
    }

    fn delete_alias(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let mut registry = self.registry();
        let function = registry.function_mut(&self.hub, &named)?;
        let name = input.opt_str("Name").unwrap_or_default();
        // AWS answers a success when there is no such alias; what hung on it goes with it.
        function.aliases.remove(name);
        function.policies.remove(name);
        function.event_invoke.remove(name);
        Ok(json!({}))
    }

    fn list_aliases(&self, input: &Input) -> Reply {
        let named = unqualified(input, self)?;
        let registry = self.registry();
        let wanted = input.opt_str("FunctionVersion");
        let aliases = registry
            .function(&self.hub, &named)?
            .aliases
            .values()
            .filter(|alias| wanted.is_none_or(|wanted| alias.version == wanted))
            .map(|alias| (alias.name.clone(), describe(&self.hub, &named, alias)));
        page("Aliases", aliases.collect(), input)
    }

    fn no_alias(&self, named: &FunctionRef, name: &str) -> ServiceError {
        not_found(format!("Cannot find alias arn: {}", arn(&self.hub, &named.name, Some(name))))
    }
}

impl Alias {
    /// The version for one invocation: the additional one for its share of the draws in `[0, 1)`.
    pub(super) fn choose(&self, draw: impl FnOnce() -> f64) -> &str {
        match &self.additional {
            Some((other, weight)) if draw() < *weight => other,
            _ => &self.version,
        }
    }
}

/// The routing that an input asks for: none, none any more, or one other version with its weight.
fn routing(input: &Input) -> Result<Option<Option<(String, f64)>>, ServiceError> {
    if input.get("RoutingConfig").is_none() {
        return Ok(None);
    }
    let config = input.object("RoutingConfig");
    let Some(weights) = config.get("AdditionalVersionWeights").and_then(Value::as_object) else {
        return Ok(Some(None));
    };
    let mut weights = weights.iter();
    let Some((version, weight)) = weights.next() else { return Ok(Some(None)) };
    if weights.next().is_some() {
        return Err(invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"));
    }
    let weight = weight.as_f64().unwrap_or_default();
    Ok(Some(Some((version.clone(), weight))))
}

/// Refuses an alias that AWS refuses: its versions must exist, and two of them must be published ones with the same role and
/// dead-letter queue. <https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html>
fn check_alias(hub: &Hub, function: &Function, alias: &Alias) -> Result<(), ServiceError> {
    let existing = |number: &str| {
        function.version(number).ok_or_else(|| function_not_found(&arn(hub, &function.name, Some(number))))
    };
    let main = existing(&alias.version)?;
    let Some((other, _)) = &alias.additional else { return Ok(()) };
    if alias.version == LATEST || other == LATEST {
        return Err(untyped("$LATEST is not supported for an alias pointing to more than 1 version"));
    }
    if alias.version == *other {
        return Err(invalid(format!(
            "Invalid function version {other}. Function version {other} is already included in routing configuration."
        )));
    }
    let (main, other) = (&main.runnable.program.settings, &existing(other)?.runnable.program.settings);
    if main.role != other.role {
        return Err(invalid("The versions of an alias with weights must have the same execution role"));
    }
    if main.dead_letter != other.dead_letter {
        return Err(invalid(
            "The versions of an alias with weights must have the same dead-letter queue configuration, or none",
        ));
    }
    Ok(())
}

fn describe(hub: &Hub, named: &FunctionRef, alias: &Alias) -> Value {
    let mut described = json!({
        "AliasArn": arn(hub, &named.name, Some(&alias.name)),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    });
    if let Some((version, weight)) = &alias.additional {
        described["RoutingConfig"] = json!({ "AdditionalVersionWeights": { version: weight } });
    }
    described
}
