//! The contact that is asked for, and API Gateway's events that write and read it.

use anyhow::Context as _;
use serde_json::{Value, json};

/// An event and what it is called in errors.
#[derive(Clone, Debug)]
pub struct Event {
    /// The request, e.g. `GET /contacts/…`.
    pub request: String,
    /// HTTP API, payload format 2.0.
    pub payload: Vec<u8>,
}

/// Writes the contact, so that the item which the programs read is in the shape that the API itself writes.
pub fn create() -> Event {
    let body = json!({
        "names": {"given": "Ada", "family": "Lovelace"},
        "emails": [
            {"address": "ada@example.com", "label": "home"},
            {"address": "ada.lovelace@analytical.example.com", "label": "work"},
        ],
        "phones": [{"number": "+441632960001", "label": "mobile"}],
        "company": "Analytical Engines",
        "title": "Programmer",
        "birthday": "1815-12-10",
        "notes": "Wrote the first program, and saw what it could become.",
        "tags": ["mathematics", "poetry"],
    });
    event("POST", "/contacts", &json!({}), Some(&body.to_string()))
}

/// Reads the contact of that identity.
pub fn read(id: &str) -> Event {
    event("GET", &format!("/contacts/{id}"), &json!({"id": id}), None)
}

/// The identity that the answer to [`create`] names.
///
/// # Errors
/// Fails if the contact was not created.
pub fn created(answer: &[u8]) -> anyhow::Result<String> {
    let contact: Value = serde_json::from_str(&body_of(answer, 201)?)?;
    Ok(contact["id"].as_str().context("the created contact has no id")?.to_owned())
}

/// The body of an answer with that status: a program that answers something else does other work than is measured.
///
/// # Errors
/// Fails if the answer has another status; the error quotes it.
pub fn body_of(answer: &[u8], status: u16) -> anyhow::Result<String> {
    let reply: Value = serde_json::from_slice(answer).context("the answer is no JSON")?;
    anyhow::ensure!(reply["statusCode"] == status, "answered {reply} in place of a {status}");
    Ok(reply["body"].as_str().unwrap_or_default().to_owned())
}

/// A browser's request as it comes through an HTTP API with a JWT authorizer: 1.2 KB without a body.
fn event(method: &str, path: &str, parameters: &Value, body: Option<&str>) -> Event {
    let user_agent =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "application/json",
            "accept-language": "en-GB,en;q=0.9",
            "content-length": body.map_or(0, str::len).to_string(),
            "content-type": "application/json",
            "host": "aaaaaaaaaa.execute-api.eu-west-1.amazonaws.com",
            "user-agent": user_agent,
            "x-amzn-trace-id": "Root=1-65f9e0a1-0123456789abcdef01234567",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "aaaaaaaaaa",
            "authorizer": {"jwt": {"claims": {"iss": "https://issuer.example.com", "sub": "ada"}, "scopes": null}},
            "domainName": "aaaaaaaaaa.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "aaaaaaaaaa",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": user_agent,
            },
            "requestId": "JKJaXmPLvHcESHB=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "19/Mar/2024:19:00:01 +0000",
            "timeEpoch": 1_710_874_801_000_u64,
        },
        "isBase64Encoded": false,
    });
    if let Some(body) = body {
        event["body"] = body.into();
    }
    Event { request: format!("{method} {path}"), payload: event.to_string().into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_as_long_as_api_gateways() {
        let length = read("01ARZ3NDEKTSV4RRFFQ69G5FAV").payload.len();
        assert!((1_100..1_500).contains(&length), "{length}");
    }

    #[test]
    fn another_status_is_an_error_that_quotes_the_answer() {
        let error = body_of(br#"{"statusCode":404,"body":"no such contact"}"#, 200).unwrap_err();
        assert!(error.to_string().contains("no such contact"), "{error}");
    }

    #[test]
    fn learns_the_identity_of_what_was_created() {
        assert_eq!(created(br#"{"statusCode":201,"body":"{\"id\":\"01A\"}"}"#).unwrap(), "01A");
    }
}
