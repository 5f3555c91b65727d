//! Answers: contacts, and everything that is none.

use serde_json::{Map, Value, json};

/// Everything that a request can come to beside a success, and why.
const PROBLEMS: [(u16, &str, &str); 13] = [
    (400, "BadRequest", "The request cannot be read, or a parameter or header of it cannot be used."),
    (401, "Unauthorized", "The request has no credentials."),
    (403, "Forbidden", "The credentials name nobody whose contacts these could be."),
    (404, "NotFound", "The contact does not exist, or is another owner's."),
    (406, "NotAcceptable", "The request accepts nothing that the answer could be."),
    (409, "Conflict", "Another request wrote the contact meanwhile."),
    (412, "PreconditionFailed", "The contact is not in the state that the request demands."),
    (413, "ContentTooLarge", "The body is too large."),
    (415, "UnsupportedMediaType", "The body is of another media type or content coding."),
    (
        422,
        "UnprocessableContent",
        "The contact is invalid: every fault with its place; or the idempotency key was used for another request.",
    ),
    (429, "TooManyRequests", "The caller asks too often."),
    (500, "InternalServerError", "Something went wrong on this side."),
    (503, "ServiceUnavailable", "The store does not keep up."),
];

/// The statuses that API Gateway may answer in the API's place, and then with a message in place of a problem. The last it answers for a
/// function that fails, or whose answer is none.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting.html>
const OF_THE_GATEWAY: [u16; 6] = [401, 403, 413, 429, 503, 500];

/// The components of all problems.
pub(super) fn problems() -> Map<String, Value> {
    let problem = |(status, name, description): &(u16, &str, &str)| {
        let mut content =
            json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        if OF_THE_GATEWAY.contains(status) {
            content["application/json"] = json!({ "schema": { "$ref": "#/components/schemas/GatewayMessage" } });
        }
        let mut answer = json!({ "description": description, "content": content });
        let headers: &[&str] = match *status {
            401 => &["WWW-Authenticate"],
            429 | 503 => &["Retry-After"],
            _ => &[],
        };
        if !headers.is_empty() {
            answer["headers"] = refer("headers", headers);
        }
        ((*name).to_owned(), answer)
    };
    PROBLEMS.iter().map(problem).collect()
}

/// The components of all headers.
pub(super) fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "ETag": text("The contact's state: its revision, quoted."),
        "Location": text("Where the contact is."),
        "Link": text("Where the next part is, in relation to this one (RFC 8288); absent from the last."),
        "Content-Disposition": text("A name for a file of this."),
        "Allow": text("The methods that the resource has."),
        "WWW-Authenticate": text("How to authenticate."),
        "Retry-After": { "description": "After how many seconds to try again.", "schema": { "type": "integer", "minimum": 1 } },
    })
}

/// The answers of an operation: its successes, and the problems that it can come to, by status.
pub(super) fn answers(successes: &[(u16, Value)], problems: &[u16]) -> Value {
    let mut answers = Map::new();
    for (status, answer) in successes {
        answers.insert(status.to_string(), answer.clone());
    }
    for (status, name, _) in PROBLEMS.iter().filter(|(status, ..)| problems.contains(status)) {
        answers.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
    }
    answers.into()
}

/// An answer with a body of JSON.
pub(super) fn of(description: &str, schema: &str, headers: &[&str]) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } });
    let mut answer = bare(description, headers);
    answer["content"] = content;
    answer
}

/// An answer without a body.
pub(super) fn bare(description: &str, headers: &[&str]) -> Value {
    let mut answer = json!({ "description": description });
    if !headers.is_empty() {
        answer["headers"] = refer("headers", headers);
    }
    answer
}

fn refer(kind: &str, names: &[&str]) -> Value {
    let each = |name: &&str| ((*name).to_owned(), json!({ "$ref": format!("#/components/{kind}/{name}") }));
    names.iter().map(each).collect::<Map<_, _>>().into()
}
