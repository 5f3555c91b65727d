//! Operations, by path and method.

use serde_json::{Value, json};

use super::answers::{answers, bare, of};
use super::exchange::{export, import};
use super::parameters::{deep, id, idempotency_key, if_match, if_none_match, listing};
use crate::http::{JSON, MERGE_PATCH};

/// The statuses of problems that every request for contacts can meet.
pub(super) const ANY: [u16; 6] = [400, 401, 403, 429, 500, 503];
/// The statuses that API Gateway can answer to any request.
const OPEN: [u16; 3] = [429, 500, 503];
/// The statuses that a body adds.
pub(super) const BODY: [u16; 3] = [413, 415, 422];

/// All paths with their operations.
pub(super) fn paths() -> Value {
    json!({
        "/contacts": {
            "get": list(),
            "head": headed(list()),
            "post": create(),
            "options": options("contacts"),
        },
        "/contacts/{id}": {
            "parameters": [id()],
            "get": read(),
            "head": headed(read()),
            "put": replace(),
            "patch": patch(),
            "delete": remove(),
            "options": options("contact"),
        },
        "/contacts/import": { "post": import(), "options": options("import") },
        "/contacts/export": { "get": export(), "head": headed(export()), "options": options("export") },
        "/health": { "get": health(), "head": headed(health()), "options": open(options("health")) },
        "/version": { "get": version(), "head": headed(version()), "options": open(options("version")) },
        "/openapi.json": { "get": described(), "head": headed(described()), "options": open(options("document")) },
        "/docs": { "get": page(), "head": headed(page()), "options": open(options("page")) },
    })
}

fn list() -> Value {
    operation(
        "listContacts",
        "Lists contacts, or finds some",
        json!({
            "parameters": listing(),
            "responses": answers(&[(200, of("A page of contacts.", "Page", &[]))], &[&ANY[..], &[406]].concat()),
        }),
    )
}

fn create() -> Value {
    operation(
        "createContact",
        "Creates a contact",
        json!({
            "parameters": [idempotency_key()],
            "requestBody": body(JSON, "ContactInput"),
            "responses": answers(
                &[(201, linked(of("The contact.", "Contact", &["ETag", "Location"])))],
                &[&ANY[..], &BODY, &[406, 409]].concat(),
            ),
        }),
    )
}

fn read() -> Value {
    operation(
        "readContact",
        "Reads a contact",
        json!({
            "parameters": [if_match(), if_none_match()],
            "responses": answers(
                &[(200, of("The contact.", "Contact", &["ETag"])), (304, bare("The client has the contact as it is.", &["ETag"]))],
                &[&ANY[..], &[404, 406, 412]].concat(),
            ),
        }),
    )
}

fn replace() -> Value {
    operation(
        "replaceContact",
        "Replaces all fields of a contact",
        json!({
            "parameters": [if_match(), if_none_match()],
            "requestBody": body(JSON, "ContactInput"),
            "responses": answers(
                &[(200, of("The contact as it is now.", "Contact", &["ETag"]))],
                &[&ANY[..], &BODY, &[404, 406, 409, 412]].concat(),
            ),
        }),
    )
}

fn patch() -> Value {
    operation(
        "changeContact",
        "Changes some fields of a contact",
        json!({
            "parameters": [if_match(), if_none_match()],
            "requestBody": body(MERGE_PATCH, "ContactPatch"),
            "responses": answers(
                &[(200, of("The contact as it is now.", "Contact", &["ETag"]))],
                &[&ANY[..], &BODY, &[404, 406, 409, 412]].concat(),
            ),
        }),
    )
}

fn remove() -> Value {
    operation(
        "removeContact",
        "Removes a contact",
        json!({
            "parameters": [if_match(), if_none_match()],
            "responses": answers(&[(204, bare("The contact is gone.", &[]))], &[&ANY[..], &[404, 409, 412]].concat()),
        }),
    )
}

fn health() -> Value {
    open(operation(
        "readHealth",
        "Says that the service answers",
        json!({
            "parameters": [deep()],
            "responses": answers(&[(200, of("It does.", "Health", &[]))], &[&OPEN[..], &[406]].concat()),
        }),
    ))
}

fn version() -> Value {
    open(operation(
        "readVersion",
        "Says what is running",
        json!({
            "responses": answers(&[(200, of("The code that is running.", "Version", &[]))], &[&OPEN[..], &[406]].concat()),
        }),
    ))
}

fn described() -> Value {
    let mut answer = bare("This document.", &[]);
    answer["content"] = json!({ "application/json": { "schema": { "type": "object" } } });
    let problems = [&OPEN[..], &[406]].concat();
    open(operation("readDocument", "This document", json!({ "responses": answers(&[(200, answer)], &problems) })))
}

fn page() -> Value {
    let mut answer = bare("A page for people.", &[]);
    answer["content"] = json!({ "text/html": { "schema": { "type": "string" } } });
    open(operation("readDocs", "This document for people", json!({ "responses": answers(&[(200, answer)], &OPEN) })))
}

/// The `OPTIONS` operation of a resource, which answers with the methods that it has.
fn options(of: &str) -> Value {
    let mut identity = format!("options-{of}");
    identity.make_ascii_lowercase();
    open(operation(
        &identity,
        "Says which methods the resource has",
        json!({
            "responses": answers(&[(204, bare("Which methods the resource has.", &["Allow"]))], &OPEN),
        }),
    ))
}

/// HEAD answers as GET does, without the body.
fn headed(get: Value) -> Value {
    let mut head = get;
    let identity = head["operationId"]
        .as_str()
        .unwrap_or_default()
        .replacen("read", "head", 1)
        .replacen("list", "head", 1)
        .replacen("export", "headExported", 1);
    head["operationId"] = identity.into();
    head["summary"] = json!("The same without the body");
    if let Some(head) = head.as_object_mut() {
        head.remove("description");
    }
    if let Some(answers) = head["responses"].as_object_mut() {
        for (status, answer) in answers {
            let headers = answer.get("headers").cloned();
            *answer = bare(&format!("As GET answers with {status}, without the body."), &[]);
            if let Some(headers) = headers {
                answer["headers"] = headers;
            }
        }
    }
    head
}

/// Makes of an operation one that needs no credentials.
fn open(mut operation: Value) -> Value {
    operation["security"] = json!([]);
    operation["tags"] = json!(["service"]);
    operation
}

/// Says under which name the next requests find what was created.
fn linked(mut answer: Value) -> Value {
    let link = |operation: &str| json!({ "operationId": operation, "parameters": { "id": "$response.body#/id" } });
    answer["links"] = json!({
        "read": link("readContact"),
        "replace": link("replaceContact"),
        "change": link("changeContact"),
        "remove": link("removeContact"),
    });
    answer
}

pub(super) fn operation(identity: &str, summary: &str, mut rest: Value) -> Value {
    rest["operationId"] = json!(identity);
    rest["summary"] = json!(summary);
    rest["tags"] = json!(["contacts"]);
    rest
}

fn body(media_type: &str, schema: &str) -> Value {
    json!({
        "required": true,
        "content": { media_type: { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
    })
}
