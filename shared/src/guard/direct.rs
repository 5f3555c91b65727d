//! References to a function itself, and those of them that become its alias.
//!
//! SAM's own `Events` follow the alias without help. A resource that the template's authors wrote out does not: an event source that
//! names the function calls `$LATEST`. Those places are known by type and property; a reference anywhere else is not an event (a
//! function that calls another), is left as it is, and is told.

use serde_json::{Value, json};

use super::Guard;
use super::follow::{at, follow};
use super::functions::Guardable;
use super::qualifier::{depend, has_moving_url, is_for_url, qualify};
use super::reference::{LOG_GROUP, is_name, mentions, names};

/// The places from which events reach a function: the resource's type, and the path below `Properties`, `*` for every item of a list.
const EVENT_PLACES: &[(&str, &[&str])] = &[
    ("AWS::Lambda::EventSourceMapping", &["FunctionName"]),
    ("AWS::Lambda::Permission", &["FunctionName"]),
    ("AWS::Events::Rule", &["Targets", "*", "Arn"]),
    ("AWS::Scheduler::Schedule", &["Target", "Arn"]),
    ("AWS::Pipes::Pipe", &["Target"]),
    ("AWS::SNS::Subscription", &["Endpoint"]),
    ("AWS::SNS::Topic", &["Subscription", "*", "Endpoint"]),
    ("AWS::Logs::SubscriptionFilter", &["DestinationArn"]),
    ("AWS::S3::Bucket", &["NotificationConfiguration", "LambdaConfigurations", "*", "Function"]),
    ("AWS::ApiGatewayV2::Integration", &["IntegrationUri"]),
    ("AWS::ApiGatewayV2::Authorizer", &["AuthorizerUri"]),
    ("AWS::ApiGateway::Method", &["Integration", "Uri"]),
    ("AWS::ApiGateway::Authorizer", &["AuthorizerUri"]),
    ("AWS::ApiGateway::RestApi", &["Body"]),
    ("AWS::ApiGatewayV2::Api", &["Body"]),
    ("AWS::ApiGatewayV2::Api", &["Target"]),
    ("AWS::Serverless::Api", &["DefinitionBody"]),
    ("AWS::Serverless::HttpApi", &["DefinitionBody"]),
    ("AWS::AppSync::DataSource", &["LambdaConfig", "LambdaFunctionArn"]),
    ("AWS::Cognito::UserPool", &["LambdaConfig", "*"]),
    // CDK sets a bucket's notifications by a resource of its own.
    (
        "Custom::S3BucketNotifications",
        &["NotificationConfiguration", "LambdaFunctionConfigurations", "*", "LambdaFunctionArn"],
    ),
    ("AWS::IoT::TopicRule", &["TopicRulePayload", "Actions", "*", "Lambda", "FunctionArn"]),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", &["Targets", "*", "Id"]),
];

/// The kinds whose `FunctionName` may be the name that the template gives to the function, written out once more.
const TAKE_NAMES: &[&str] = &["AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"];

/// The kinds that belong to the function or grant something, and so call nobody.
const NO_CALLERS: &[&str] = &[
    // The kit's alarms name the function as a dimension, which is what a metric is called by.
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
];

/// The alias through which events reach a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Door {
    /// The function's logical id.
    pub(super) function: String,
    /// The name by which `Ref` and `Fn::Sub` know the alias: its logical id, or SAM's word for it.
    pub(super) reference: String,
    /// The alias's logical id.
    pub(super) logical_id: String,
    /// The alias's name.
    pub(super) alias: String,
    /// The function's name, if the template gives it one.
    pub(super) name: Option<Value>,
    /// True if the alias is the template's own.
    pub(super) is_own: bool,
}

impl Door {
    /// The guard's alias of a function.
    pub(super) fn of(function: &Guardable<'_>, guard: &Guard, reference: String, is_own: bool) -> Self {
        let id = function.logical_id;
        Self {
            function: id.to_owned(),
            reference,
            logical_id: super::preference::alias_id(id, &guard.alias),
            alias: guard.alias.clone(),
            name: function.property("FunctionName").cloned(),
            is_own,
        }
    }

    /// The text of the function's name, as it stands within texts that are put together around it.
    pub(super) fn written_name(&self) -> Option<&str> {
        let name = self.name.as_ref()?;
        name.as_str().or_else(|| name["Fn::Sub"].as_str()).filter(|name| !name.is_empty())
    }
}

/// The references to a function, after its events were pointed to the alias.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The JSON pointers of the references that are left and call the function.
    pub(super) left: Vec<String>,
    /// The logical ids of the resources that lead to the alias now.
    pub(super) moved: Vec<String>,
}

/// Makes every event place that names the function name its alias.
pub(super) fn to_alias(template: &mut Value, door: &Door) -> Followed {
    let mut followed = Followed::default();
    let url_moves = has_moving_url(template, door);
    exports(template, door, &mut followed.left);
    let Some(resources) = template["Resources"].as_object_mut() else { return followed };
    for (logical_id, resource) in resources.iter_mut() {
        let kind = resource["Type"].as_str().unwrap_or_default().to_owned();
        if *logical_id == door.function || resource["Properties"].is_null() {
            continue;
        }
        if kind == "AWS::Lambda::Permission" && is_for_url(&resource["Properties"]) && !url_moves {
            // The function's URL calls the function itself; another qualifier would give it another address.
            continue;
        }
        if qualify(resource, &kind, door) {
            continue;
        }
        if move_places(resource, &kind, door) {
            followed.moved.push(logical_id.clone());
        }
        if !NO_CALLERS.contains(&kind.as_str()) {
            references(
                &resource["Properties"],
                door,
                &format!("/Resources/{logical_id}/Properties"),
                &mut followed.left,
            );
        }
    }
    followed
}

/// Points the event places of one resource to the alias. Returns true if there were any.
fn move_places(resource: &mut Value, kind: &str, door: &Door) -> bool {
    let before = resource["Properties"].clone();
    if TAKE_NAMES.contains(&kind) && door.name.is_some() && before.get("FunctionName") == door.name.as_ref() {
        resource["Properties"]["FunctionName"] = json!({ "Ref": door.reference });
    }
    let mut needs_alias = false;
    for (_, path) in EVENT_PLACES.iter().filter(|(of, _)| *of == kind) {
        at(&mut resource["Properties"], path, &mut |place| needs_alias |= follow(place, door));
    }
    if needs_alias {
        depend(resource, &door.logical_id);
    }
    resource["Properties"] != before
}

/// The JSON pointers of the references to a function whose alias is the template's own, and which therefore nobody moves.
pub(super) fn left(template: &Value, door: &Door) -> Vec<String> {
    let mut found = Vec::new();
    exports(template, door, &mut found);
    for (logical_id, resource) in template["Resources"].as_object().into_iter().flatten() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        if *logical_id != door.function && !NO_CALLERS.contains(&kind) && resource["Properties"]["Qualifier"].is_null()
        {
            references(&resource["Properties"], door, &format!("/Resources/{logical_id}/Properties"), &mut found);
        }
    }
    found
}

/// Finds the references in exported outputs: other stacks call the function by them.
fn exports(template: &Value, door: &Door, found: &mut Vec<String>) {
    let outputs = template["Outputs"].as_object().into_iter().flatten();
    for (name, output) in outputs.filter(|(_, output)| !output["Export"].is_null()) {
        references(&output["Value"], door, &format!("/Outputs/{name}/Value"), found);
    }
}

/// The places of references to the function within a value.
fn references(value: &Value, door: &Door, pointer: &str, found: &mut Vec<String>) {
    if names(value, &door.function) || mentions(value, &door.function) {
        found.push(pointer.to_owned());
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_log_group(name, member, &door.function) {
                    continue;
                }
                let step = name.replace('~', "~0").replace('/', "~1");
                references(member, door, &format!("{pointer}/{step}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                references(item, door, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// True for the arguments of a `Fn::Join` that puts the name of the function's log group together.
fn is_log_group(name: &str, arguments: &Value, function: &str) -> bool {
    let parts = arguments[1].as_array().filter(|_| name == "Fn::Join");
    parts.is_some_and(|parts| {
        parts.windows(2).any(|pair| {
            is_name(&pair[1], function) && pair[0].as_str().is_some_and(|before| before.ends_with(LOG_GROUP))
        })
    })
}
