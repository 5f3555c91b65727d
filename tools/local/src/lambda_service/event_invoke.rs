//! The configuration of asynchronous invocations, of a function, version or alias: their retries, and the destinations of their records.

use std::sync::Arc;

use serde_json::{Value, json};

use super::errors::{invalid, not_found, not_run};
use super::event_invoke_config::EventInvokeConfig;
use super::names::{FunctionRef, LATEST};
use super::paging::page;
use super::registry::{Registry, arn};
use super::state::Lambda;
use crate::core::{Arn, Hub, Input, Reply, ServiceError};
use crate::operations::Operation;

/// Operations on asynchronous invocation.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::now("PutFunctionEventInvokeConfig", "*", |lambda: &Arc<Lambda>, request| {
        lambda.put_function_event_invoke_config(&request.input)
    })
    .on_found(Lambda::resource),
    Operation::now("GetFunctionEventInvokeConfig", "*", |lambda: &Arc<Lambda>, request| {
        lambda.get_function_event_invoke_config(&request.input)
    })
    .on_found(Lambda::resource),
    Operation::now("UpdateFunctionEventInvokeConfig", "*", |lambda: &Arc<Lambda>, request| {
        lambda.update_function_event_invoke_config(&request.input)
    })
    .on_found(Lambda::resource),
    Operation::now("DeleteFunctionEventInvokeConfig", "*", |lambda: &Arc<Lambda>, request| {
        lambda.delete_function_event_invoke_config(&request.input)
    })
    .on_found(Lambda::resource),
    Operation::now("ListFunctionEventInvokeConfigs", "*", |lambda: &Arc<Lambda>, request| {
        lambda.list_function_event_invoke_configs(&request.input)
    })
    .on_found(Lambda::resource),
];

impl Lambda {
    fn put_function_event_invoke_config(&self, input: &Input) -> Reply {
        let empty = EventInvokeConfig {
            retries: None,
            age: None,
            on_success: None,
            on_failure: None,
            modified: self.hub.now(),
        };
        self.store_event_invoke_config(input, |_| Ok(empty))
    }

    fn update_function_event_invoke_config(&self, input: &Input) -> Reply {
        let (named, key) = self.configured(input)?;
        let missing = || no_config(&arn(&self.hub, &named.name, Some(&key)));
        self.store_event_invoke_config(input, |held| held.cloned().ok_or_else(missing))
    }

    fn store_event_invoke_config(
        &self,
        input: &Input,
        base: impl FnOnce(Option<&EventInvokeConfig>) -> Result<EventInvokeConfig, ServiceError>,
    ) -> Reply {
        let (named, key) = self.configured(input)?;
        let asked = ["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"];
        if asked.iter().all(|member| input.get(member).is_none()) {
            return Err(invalid("You must specify at least one of error handling or destination setting."));
        }
        let mut registry = self.registry();
        let missing = |_| not_found("The function doesn't exist.");
        registry.named_version(&self.hub, &named).map_err(missing)?;
        self.check_destinations(&registry, &named, input)?;
        let function = registry.function_mut(&self.hub, &named)?;
        let mut config = base(function.event_invoke.get(&key))?;
        config.apply(input)?;
        config.modified = self.hub.now();
        let described = config.describe(&self.hub, &named.name, &key);
        function.event_invoke.insert(key, config);
        Ok(described)
    }

    fn get_function_event_invoke_config(&self, input: &Input) -> Reply {
        let (named, key) = self.configured(input)?;
        let registry = self.registry();
        let config = registry.functions.get(&named.name).and_then(|function| function.event_invoke.get(&key));
        let config = config.ok_or_else(|| no_config(&arn(&self.hub, &named.name, Some(&key))))?;
        Ok(config.describe(&self.hub, &named.name, &key))
    }

    fn delete_function_event_invoke_config(&self, input: &Input) -> Reply {
        let (named, key) = self.configured(input)?;
        let mut registry = self.registry();
        let removed = registry.functions.get_mut(&named.name).and_then(|it| it.event_invoke.remove(&key));
        removed.ok_or_else(|| no_config(&arn(&self.hub, &named.name, Some(&key))))?;
        Ok(json!({}))
    }

    fn list_function_event_invoke_configs(&self, input: &Input) -> Reply {
        let (named, _) = self.configured(input)?;
        let registry = self.registry();
        let function = registry.functions.get(&named.name).ok_or_else(|| not_found("The function doesn't exist."))?;
        let configs = &function.event_invoke;
        let configs =
            configs.iter().map(|(key, config)| (key.clone(), config.describe(&self.hub, &named.name, key))).collect();
        page("FunctionEventInvokeConfigs", configs, input)
    }

    /// Fails for destinations that cannot be: of another service, a function that is not there, or the function itself.
    fn check_destinations(&self, registry: &Registry, named: &FunctionRef, input: &Input) -> Result<(), ServiceError> {
        let config = input.object("DestinationConfig");
        for (member, failure) in [("OnSuccess", false), ("OnFailure", true)] {
            let target = config.object(member);
            let Some(arn) = target.opt_str("Destination").filter(|arn| !arn.is_empty()) else { continue };
            if destination(&target, failure)?.is_none() {
                return Err(invalid_config(&config));
            }
            if Arn::parse(arn).is_none_or(|arn| arn.service != "lambda") {
                continue;
            }
            let other = FunctionRef::parse(arn, None, &self.hub.identity)?;
            if other.name == named.name {
                return Err(invalid("You can't specify the function as a destination for itself."));
            }
            if registry.named_version(&self.hub, &other).is_err() {
                return Err(invalid(format!("The destination ARN {arn} is invalid.")));
            }
        }
        Ok(())
    }

    fn configured(&self, input: &Input) -> Result<(FunctionRef, String), ServiceError> {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let key = named.qualifier.clone().unwrap_or_else(|| LATEST.to_owned());
        Ok((named, key))
    }
}

impl Registry {
    /// The configuration for invocations by this name.
    pub(super) fn event_invoke(&self, named: &FunctionRef) -> Option<&EventInvokeConfig> {
        self.functions.get(&named.name)?.event_invoke.get(named.qualifier.as_deref().unwrap_or(LATEST))
    }
}

impl EventInvokeConfig {
    fn apply(&mut self, input: &Input) -> Result<(), ServiceError> {
        // The model bounds both.
        if let Some(retries) = input.opt_i64("MaximumRetryAttempts") {
            self.retries = u32::try_from(retries).ok();
        }
        if let Some(age) = input.opt_i64("MaximumEventAgeInSeconds") {
            self.age = u64::try_from(age).ok();
        }
        if input.get("DestinationConfig").is_some() {
            let config = input.object("DestinationConfig");
            self.on_success = destination(&config.object("OnSuccess"), false)?;
            self.on_failure = destination(&config.object("OnFailure"), true)?;
        }
        Ok(())
    }

    fn describe(&self, hub: &Hub, function: &str, qualifier: &str) -> Value {
        let target = |arn: &Option<String>| arn.as_ref().map_or_else(|| json!({}), |arn| json!({ "Destination": arn }));
        let mut described = json!({
            "LastModified": self.modified.epoch_seconds(),
            "FunctionArn": arn(hub, function, Some(qualifier)),
            "DestinationConfig": {
                "OnSuccess": target(&self.on_success),
                "OnFailure": target(&self.on_failure),
            },
        });
        if let Some(retries) = self.retries {
            described["MaximumRetryAttempts"] = retries.into();
        }
        if let Some(age) = self.age {
            described["MaximumEventAgeInSeconds"] = age.into();
        }
        described
    }
}

/// A destination the plane can deliver to: a function, a topic, a bus, and for failures a bucket; none for what Lambda
/// does not deliver to either.
fn destination(input: &Input, failure: bool) -> Result<Option<String>, ServiceError> {
    let Some(arn) = input.opt_str("Destination") else { return Ok(None) };
    match Arn::parse(arn).as_ref().map(|arn| arn.service.as_str()) {
        Some("lambda" | "sns" | "events") => Ok(Some(arn.to_owned())),
        Some("s3") if failure => Ok(Some(arn.to_owned())),
        Some("sqs") => Err(not_run(&format!("the SQS destination {arn}"))),
        _ => Ok(None),
    }
}

/// A configuration as Lambda prints the one that it does not take.
fn invalid_config(config: &Input) -> ServiceError {
    let shown = |member: &str, name: &str| match config.object(member).opt_str("Destination") {
        Some(arn) => format!("{name}(destination={arn})"),
        None => "null".to_owned(),
    };
    invalid(format!(
        "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
        shown("OnSuccess", "OnSuccess"),
        shown("OnFailure", "OnFailure")
    ))
}

fn no_config(arn: &str) -> ServiceError {
    not_found(format!("The function {arn} doesn't have an EventInvokeConfig"))
}
