//! `AWS::Lambda::Function`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::properties::{answered, changed, gone, pick, required, reset, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{numbers, text_map};
use super::{naming, not_run, tags};
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};
use crate::core::ServiceError;

/// Lambda's limit on a function's name.
const NAME_LENGTH: usize = 64;

/// Properties that go to `CreateFunction` and `UpdateFunctionConfiguration` under the same name.
const CONFIGURATION: &[&str] = &[
    "Description",
    "DeadLetterConfig",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
];

resource_type!(Function {
    properties: &[
        "Architectures",
        "Code",
        "DeadLetterConfig",
        "Description",
        "Environment",
        "EphemeralStorage",
        "FunctionName",
        "Handler",
        "KmsKeyArn",
        "Layers",
        "LoggingConfig",
        "MemorySize",
        "PackageType",
        "ReservedConcurrentExecutions",
        "Role",
        "Runtime",
        "RuntimeManagementConfig",
        "Tags",
        "Timeout",
        "TracingConfig",
    ],
    replaced_by: &["FunctionName", "PackageType"],
    attributes: &["Arn"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

/// Images, code in the template, keys of the customer's, layers and pinned runtimes are not run.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let mut found = not_run::members("lambda", "CreateFunction", new, &["KmsKeyArn", "Layers"]);
    let mut refuse = |property, what: &str| found.push(not_run::objection("lambda", property, what));
    if text(new, "PackageType") == Some("Image") {
        refuse("PackageType", "CreateFunction with PackageType=Image");
    }
    let code = new.get("Code").unwrap_or(&Value::Null);
    for member in ["ZipFile", "ImageUri", "SourceKMSKeyArn"].into_iter().filter(|member| code.get(*member).is_some()) {
        refuse("Code", &format!("CreateFunction with Code.{member} (it takes a zip file in S3)"));
    }
    let updates = new.pointer("/RuntimeManagementConfig/UpdateRuntimeOn").and_then(Value::as_str);
    if let Some(other) = updates.filter(|on| *on != "Auto") {
        refuse("RuntimeManagementConfig", &format!("PutRuntimeManagementConfig with UpdateRuntimeOn={other}"));
    }
    found
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "FunctionName"), NAME_LENGTH);
    let mut input = configuration(properties);
    input.extend(pick(properties, &["Architectures", "PackageType"]));
    input.insert("FunctionName".to_owned(), json!(name));
    input.insert("Code".to_owned(), Value::Object(code(properties)?));
    tags::insert(&mut input, "Tags", Value::Object(tags::map(&tags::all(context, properties))));
    let made = context.hub.call("lambda", "CreateFunction", Value::Object(input)).await?;
    let arn = answered(&made, "/FunctionArn")?;
    let finished = async {
        settle(context, &name).await?;
        apply_settings(context, &name, &Value::Null, properties).await
    };
    if let Err(error) = finished.await {
        // A partial failure leaves nothing behind; what went wrong first is what is reported.
        let _ = context.hub.call("lambda", "DeleteFunction", json!({ "FunctionName": name })).await;
        return Err(error);
    }
    Ok(resource(name, [("Arn", json!(arn))]))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let name = &current.physical_id;
    if changed(old, new, &["Code", "Architectures"]) {
        let mut input = code(new)?;
        input.extend(pick(new, &["Architectures"]));
        reset(&mut input, &pick(old, &["Architectures"]), &[("Architectures", json!(["x86_64"]))]);
        input.insert("FunctionName".to_owned(), json!(name));
        context.hub.call("lambda", "UpdateFunctionCode", Value::Object(input)).await?;
        settle(context, name).await?;
    }
    if changed(old, new, CONFIGURATION) || changed(old, new, &["KmsKeyArn"]) {
        let (before, mut after) = (configuration(old), configuration(new));
        for (member, _) in before.iter().filter(|(member, _)| *member != "Handler" && *member != "Runtime") {
            if !after.contains_key(member) {
                after.insert(member.clone(), default_of(member));
            }
        }
        let mut input: Map<String, Value> =
            after.into_iter().filter(|(member, value)| before.get(member) != Some(value)).collect();
        input.insert("FunctionName".to_owned(), json!(name));
        context.hub.call("lambda", "UpdateFunctionConfiguration", Value::Object(input)).await?;
        settle(context, name).await?;
    }
    apply_settings(context, name, old, new).await?;
    retag(context, current, old, new).await?;
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "FunctionName": current.physical_id });
    gone(context.hub.call("lambda", "DeleteFunction", input).await, &["ResourceNotFoundException"])
}

/// The configuration's members as Lambda's API has them.
fn configuration(properties: &Value) -> Map<String, Value> {
    let mut input = Value::Object(pick(properties, CONFIGURATION));
    if let Some(key) = text(properties, "KmsKeyArn") {
        input["KMSKeyArn"] = json!(key);
    }
    if let Some(variables) = input.pointer_mut("/Environment/Variables").map(Value::take) {
        // Set aside while types are put right: these names are the user's, and their values always text.
        numbers(&mut input, &["Timeout", "MemorySize", "Size"]);
        input["Environment"]["Variables"] = Value::Object(variables.as_object().map(text_map).unwrap_or_default());
    } else {
        numbers(&mut input, &["Timeout", "MemorySize", "Size"]);
    }
    match input {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The value of a member that a template no longer sets.
fn default_of(member: &str) -> Value {
    match member {
        "Timeout" => json!(3),
        "MemorySize" => json!(128),
        "EphemeralStorage" => json!({ "Size": 512 }),
        "Environment" => json!({ "Variables": {} }),
        "DeadLetterConfig" => json!({ "TargetArn": "" }),
        "TracingConfig" => json!({ "Mode": "PassThrough" }),
        "LoggingConfig" => json!({ "LogFormat": "Text" }),
        _ => json!(""),
    }
}

/// The place of the code in S3.
fn code(properties: &Value) -> Result<Map<String, Value>, ServiceError> {
    let code = properties.get("Code").unwrap_or(&Value::Null);
    required(code, "S3Bucket")?;
    required(code, "S3Key")?;
    Ok(pick(code, &["S3Bucket", "S3Key", "S3ObjectVersion"]))
}

/// Waits until the function is active and its last update has ended.
async fn settle(context: &ResourceContext, name: &str) -> Result<(), ServiceError> {
    loop {
        let input = json!({ "FunctionName": name });
        let found = context.hub.call("lambda", "GetFunctionConfiguration", input).await?;
        let is = |member: &str, value: &str| text(&found, member) == Some(value);
        if is("State", "Failed") || is("LastUpdateStatus", "Failed") {
            let reason = text(&found, "StateReason").or_else(|| text(&found, "LastUpdateStatusReason"));
            return Err(ServiceError::new("NotStabilized", reason.unwrap_or("the function failed").to_owned()));
        }
        if !is("State", "Pending") && !is("LastUpdateStatus", "InProgress") {
            return Ok(());
        }
        context.hub.clock.sleep(Duration::from_secs(1)).await;
    }
}

/// Settings that have operations of their own.
async fn apply_settings(context: &ResourceContext, name: &str, old: &Value, new: &Value) -> Result<(), ServiceError> {
    if changed(old, new, &["ReservedConcurrentExecutions"]) {
        let mut input = json!({ "FunctionName": name });
        let operation = match new.get("ReservedConcurrentExecutions") {
            None | Some(Value::Null) => "DeleteFunctionConcurrency",
            Some(reserved) => {
                input["ReservedConcurrentExecutions"] = reserved.clone();
                numbers(&mut input, &["ReservedConcurrentExecutions"]);
                "PutFunctionConcurrency"
            }
        };
        context.hub.call("lambda", operation, input).await?;
    }
    if changed(old, new, &["RuntimeManagementConfig"]) {
        let mut input = new.get("RuntimeManagementConfig").cloned().unwrap_or(json!({ "UpdateRuntimeOn": "Auto" }));
        input["FunctionName"] = json!(name);
        context.hub.call("lambda", "PutRuntimeManagementConfig", input).await?;
    }
    Ok(())
}

async fn retag(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Result<(), ServiceError> {
    let change = tags::Change::between(old, new);
    let arn = current.attributes.get("Arn").cloned().unwrap_or_default();
    if !change.removed.is_empty() {
        let input = json!({ "Resource": arn, "TagKeys": change.removed });
        context.hub.call("lambda", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "Resource": arn, "Tags": tags::map(&change.set) });
        context.hub.call("lambda", "TagResource", input).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Asked, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn lambda() -> (Stage, Asked) {
        let (fake, asked) = Fake::new("lambda", |operation, input| match operation {
            "PutRuntimeManagementConfig" => Err(ServiceError::not_implemented("lambda", operation)),
            "DeleteFunction" => Ok(json!({ "StatusCode": 204 })),
            "CreateFunction" | "GetFunctionConfiguration" | "UpdateFunctionCode" | "UpdateFunctionConfiguration" => {
                Ok(json!({ "FunctionArn": "arn:fn", "FunctionName": input["FunctionName"], "State": "Active" }))
            }
            other => panic!("{other} was not expected"),
        });
        (Stage::new(vec![fake]), asked)
    }

    fn properties() -> Value {
        json!({
            "FunctionName": "api", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": "arn:aws:iam::000000000000:role/runner",
            "Timeout": "10", "Code": { "S3Bucket": "code", "S3Key": "one.zip" }, "Architectures": ["x86_64"],
            "Environment": { "Variables": { "Timeout": "x", "PORT": 8080 } }, "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k",
            "Tags": [{ "Key": "a", "Value": "1" }],
        })
    }

    #[tokio::test]
    async fn a_function_is_created_with_the_members_of_the_api() {
        let (stage, asked) = lambda();
        let made = testing::create(&Function, &stage.context("Fn"), properties()).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["Arn"]), ("api", &json!("arn:fn")));
        assert_eq!(
            asked.input("CreateFunction"),
            json!({
                "FunctionName": "api", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": "arn:aws:iam::000000000000:role/runner",
                "Timeout": 10, "Code": { "S3Bucket": "code", "S3Key": "one.zip" }, "Architectures": ["x86_64"],
                "Environment": { "Variables": { "Timeout": "x", "PORT": "8080" } }, "KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k",
                "Tags": { "a": "1" },
            })
        );
    }

    #[tokio::test]
    async fn only_what_changed_is_updated() {
        let (stage, asked) = lambda();
        let context = stage.context("Fn");
        let made = testing::create(&Function, &context, properties()).await;
        asked.clear();
        let mut new = properties();
        new["Code"]["S3Key"] = json!("two.zip");
        Function.update(&context, &made, &properties(), &new).await.unwrap();
        assert_eq!(asked.operations(), ["UpdateFunctionCode", "GetFunctionConfiguration"]);
        asked.clear();
        let mut newer = new.clone();
        newer["Timeout"] = json!(20);
        newer.as_object_mut().unwrap().shift_remove("Environment");
        Function.update(&context, &made, &new, &newer).await.unwrap();
        assert_eq!(
            asked.input("UpdateFunctionConfiguration"),
            json!({
                "FunctionName": "api", "Timeout": 20, "Environment": { "Variables": {} },
            })
        );
        assert!(!asked.operations().contains(&"UpdateFunctionCode".to_owned()));
    }

    #[tokio::test]
    async fn a_setting_that_fails_takes_the_new_function_with_it() {
        let (stage, asked) = lambda();
        let mut properties = properties();
        properties["RuntimeManagementConfig"] = json!({ "UpdateRuntimeOn": "Manual" });
        let error = Function.create(&stage.context("Fn"), &properties).await.unwrap_err();
        assert!(error.is("NotImplemented"));
        assert_eq!(asked.operations().last().unwrap(), "DeleteFunction");
    }

    #[test]
    fn inline_code_is_refused_by_name() {
        let found = Function.objections(None, &json!({ "Code": { "ZipFile": "x" } }));
        assert_eq!(found.iter().map(|objection| objection.property).collect::<Vec<_>>(), ["Code"]);
        assert!(found[0].error.message.contains("Code.ZipFile"));
    }
}
