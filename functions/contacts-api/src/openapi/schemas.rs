//! Schemas: what is sent, what is changed, what is answered.

use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::domain::{Contact, Fields, Page};
use crate::http::{Import, Problem, Version};

/// Shown in answers, and ignored in what is sent.
const READ_ONLY: [&str; 4] = ["id", "createdAt", "updatedAt", "revision"];

/// All schemas, by name.
pub(super) fn all() -> Map<String, Value> {
    let mut answered = generator(Contract::Serialize, false);
    let roots = [
        of::<Contact>(&mut answered),
        of::<Page>(&mut answered),
        of::<Problem>(&mut answered),
        of::<Version>(&mut answered),
        of::<Import>(&mut answered),
    ];
    debug_assert!(roots.iter().all(|root| root.get("$ref").is_some()), "every answer has a name");
    let mut schemas = answered.take_definitions(true);
    schemas.values_mut().for_each(without_null);
    let input = contact_input();
    schemas.insert("ContactPatch".to_owned(), patch(&input));
    schemas.insert("ContactInput".to_owned(), input);
    schemas.insert("Health".to_owned(), health());
    schemas.insert("GatewayMessage".to_owned(), gateway_message());
    schemas.sort_keys();
    schemas
}

fn generator(contract: Contract, inline: bool) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        settings.contract = contract;
        settings.inline_subschemas = inline;
    });
    settings.into_generator()
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().into()
}

/// The body of POST and PUT: the fields, and the members that come back with an answer and say nothing here.
fn contact_input() -> Value {
    let mut input = of::<Fields>(&mut generator(Contract::Deserialize, true));
    nullable_members(&mut input);
    input["description"] = json!("What a user says about a contact. A member that is null is as good as absent.");
    input["additionalProperties"] = json!(false);
    for name in READ_ONLY {
        input["properties"][name] = json!({ "readOnly": true, "description": "Ignored." });
    }
    input
}

/// The body of PATCH (RFC 7396): every member is optional, and `null` removes it.
fn patch(input: &Value) -> Value {
    let mut patch = input.clone();
    patch["description"] = json!(
        "A JSON Merge Patch: what is there replaces, null removes, what is absent stays. The outcome must be valid."
    );
    loosen(&mut patch);
    loosen(&mut patch["properties"]["names"]);
    patch["properties"]["names"]["type"] = json!(["object", "null"]);
    patch
}

fn loosen(object: &mut Value) {
    if let Some(object) = object.as_object_mut() {
        object.remove("required");
        object.remove("anyOf");
        // Removing what is not there is no fault.
        object.insert("additionalProperties".to_owned(), json!({ "type": "null" }));
    }
}

/// Absent and `null` are the same where a member may be absent: at every depth of what is sent.
fn nullable_members(schema: &mut Value) {
    let required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(Value::Object(members)) = schema.get_mut("properties") {
        for (name, member) in members {
            nullable_members(member);
            if !required.iter().any(|each| each == name) {
                nullable(member);
            }
        }
    }
    if let Some(items) = schema.get_mut("items") {
        nullable_members(items);
    }
    if schema.get("propertyNames").is_some() {
        nullable(&mut schema["additionalProperties"]);
    }
}

fn nullable(schema: &mut Value) {
    if let Some(kind @ Value::String(_)) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

/// A member that an answer does not have is absent, never `null`.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(kinds) = members.get_mut("type").and_then(Value::as_array_mut) {
                kinds.retain(|kind| kind != "null");
                if let [only] = &kinds[..] {
                    members["type"] = only.clone();
                }
            }
            if let Some(kinds) = members.get_mut("anyOf").and_then(Value::as_array_mut) {
                kinds.retain(|kind| kind.get("type") != Some(&json!("null")));
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

fn health() -> Value {
    json!({
        "type": "object",
        "description": "That the service answers.",
        "properties": { "status": { "type": "string" } },
        "required": ["status"],
    })
}

fn gateway_message() -> Value {
    json!({
        "type": "object",
        "description": "What API Gateway answers in the API's place.",
        "properties": { "message": { "type": "string" } },
        "required": ["message"],
    })
}
