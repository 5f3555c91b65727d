//! Event sources that push to a function: EventBridge rules, schedules and SNS topics.

use serde_json::{Map, Value, json};

use super::resource::{Generated, SamResource};
use super::target::Target;
use super::transform_error::TransformError;

/// EventBridge's limit on a target's id.
const TARGET_ID_LENGTH: usize = 64;

const RULE: &[&str] = &[
    "EventBusName",
    "RuleName",
    "Pattern",
    "RetryPolicy",
    "DeadLetterConfig",
    "Input",
    "InputPath",
    "Target",
    "Enabled",
    "State",
    "InputTransformer",
];
const SCHEDULE: &[&str] =
    &["Schedule", "Input", "Enabled", "State", "Name", "Description", "RetryPolicy", "DeadLetterConfig"];
const SNS: &[&str] = &["Topic", "Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"];
const HTTP_API: &[&str] =
    &["Path", "Method", "ApiId", "Stage", "TimeoutInMillis", "RouteSettings", "PayloadFormatVersion"];

/// One entry of a function's `Events`.
#[derive(Debug)]
pub(super) struct Source {
    /// The logical id of the function.
    pub(super) function: String,
    /// The name of the event in `Events`.
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) properties: Map<String, Value>,
}

impl Source {
    /// Reads an event source; a kind or property that the plane does not run is named.
    pub(super) fn read(function: &SamResource, name: &str, event: &Value) -> Result<Self, TransformError> {
        let kind = event
            .get("Type")
            .and_then(Value::as_str)
            .ok_or_else(|| function.fault(format!("event {name} is missing its Type")))?;
        let supported = match kind {
            "EventBridgeRule" | "CloudWatchEvent" => RULE,
            "Schedule" => SCHEDULE,
            "SNS" => SNS,
            "HttpApi" => HTTP_API,
            other => {
                let message = format!("event {name} is of type {other}, which the local plane does not support");
                return Err(function.fault(message));
            }
        };
        let properties = match event.get("Properties") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(properties)) => properties.clone(),
            Some(_) => return Err(function.fault(format!("event {name}: Properties should be a map"))),
        };
        if let Some(property) = properties.keys().find(|property| !supported.contains(&property.as_str())) {
            let message = format!("event {name}: property {property} of {kind} is not supported by the local plane");
            return Err(function.fault(message));
        }
        Ok(Self { function: function.logical_id.clone(), name: name.to_owned(), kind: kind.to_owned(), properties })
    }

    /// The prefix of everything this source generates.
    pub(super) fn logical_id(&self) -> String {
        format!("{}{}", self.function, self.name)
    }

    pub(super) fn property(&self, name: &str) -> Value {
        self.properties.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Value::as_str)
    }

    pub(super) fn fault(&self, message: &str) -> TransformError {
        super::resource::fault(&self.function, format!("event {}: {message}", self.name))
    }
}

/// Leave for `principal` to invoke the target.
pub(super) fn permission(source: &Source, target: &Target, principal: &str, source_arn: Value) -> Generated {
    let id = format!("{}Permission", source.logical_id());
    let mut permission = Generated::new(id, "AWS::Lambda::Permission", target.attributes.clone());
    permission.set("Action", json!("lambda:InvokeFunction"));
    permission.set("FunctionName", target.name());
    permission.set("Principal", json!(principal));
    permission.set("SourceArn", source_arn);
    permission
}

/// Expands a source that is not an HTTP API's.
pub(super) fn expand(source: &Source, target: &Target) -> Result<Vec<Generated>, TransformError> {
    if source.kind == "SNS" { subscription(source, target) } else { rule(source, target) }
}

fn rule(source: &Source, target: &Target) -> Result<Vec<Generated>, TransformError> {
    let mut rule = Generated::new(source.logical_id(), "AWS::Events::Rule", target.attributes.clone());
    if source.kind == "Schedule" {
        if !source.properties.contains_key("Schedule") {
            return Err(source.fault("missing required property Schedule"));
        }
        rule.set("ScheduleExpression", source.property("Schedule"));
        rule.set("Name", source.property("Name"));
        rule.set("Description", source.property("Description"));
    } else {
        rule.set("EventBusName", source.property("EventBusName"));
        rule.set("EventPattern", source.property("Pattern"));
        rule.set("Name", source.property("RuleName"));
    }
    let (state, enabled) = (source.property("State"), source.property("Enabled"));
    if !state.is_null() && !enabled.is_null() {
        return Err(source.fault("State and Enabled Properties cannot both be specified."));
    }
    rule.set("State", state);
    if let Some(enabled) = enabled.as_bool() {
        rule.set("State", json!(if enabled { "ENABLED" } else { "DISABLED" }));
    } else if !enabled.is_null() {
        return Err(source.fault("Enabled must be true or false"));
    }
    rule.set("Targets", json!([rule_target(source, target)?]));
    let arn = json!({ "Fn::GetAtt": [rule.logical_id, "Arn"] });
    Ok(vec![rule, permission(source, target, "events.amazonaws.com", arn)])
}

fn rule_target(source: &Source, target: &Target) -> Result<Value, TransformError> {
    const SUFFIX: &str = "LambdaTarget";
    let mut id: String = source.logical_id().chars().take(TARGET_ID_LENGTH - SUFFIX.len()).collect();
    id.push_str(SUFFIX);
    let id = source.properties.get("Target").and_then(|t| t.get("Id")).cloned().unwrap_or_else(|| json!(id));
    let mut entry = Map::new();
    entry.insert("Arn".to_owned(), target.arn());
    entry.insert("Id".to_owned(), id);
    for name in ["Input", "InputPath", "RetryPolicy", "InputTransformer"] {
        if let Some(value) = source.properties.get(name) {
            entry.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(letters) = source.properties.get("DeadLetterConfig") {
        let Some(arn) = letters.get("Arn") else {
            return Err(source.fault("DeadLetterConfig needs an Arn: the local plane makes no queue"));
        };
        entry.insert("DeadLetterConfig".to_owned(), json!({ "Arn": arn }));
    }
    Ok(Value::Object(entry))
}

fn subscription(source: &Source, target: &Target) -> Result<Vec<Generated>, TransformError> {
    let topic = source.property("Topic");
    if topic.is_null() {
        return Err(source.fault("missing required property Topic"));
    }
    let mut subscription = Generated::new(source.logical_id(), "AWS::SNS::Subscription", target.attributes.clone());
    subscription.set("Protocol", json!("lambda"));
    subscription.set("Endpoint", target.arn());
    subscription.set("TopicArn", topic.clone());
    for name in ["Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"] {
        subscription.set(name, source.property(name));
    }
    Ok(vec![permission(source, target, "sns.amazonaws.com", topic), subscription])
}
