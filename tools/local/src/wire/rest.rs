//! REST-JSON: operations by method and path.

use axum::body::{Body, Bytes};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::{respond, structure};
use crate::core::{Reply, Route, Service, ServiceError};

/// The route that the request takes and its input.
pub(super) fn decode(
    service: &dyn Service,
    lower_camel: bool,
    parts: &Parts,
    body: &Bytes,
) -> Result<(&'static Route, Value), ServiceError> {
    let (route, members) = service
        .routes()
        .iter()
        .filter(|route| route.method == parts.method.as_str())
        .find_map(|route| Some((route, match_path(route.path, parts.uri.path())?)))
        .ok_or_else(|| {
            ServiceError::not_implemented(service.name(), &format!("{} {}", parts.method, parts.uri.path()))
        })?;
    let mut input = read_body(route, lower_camel, body)?;
    input.extend(members);
    let query = parts.uri.query().unwrap_or_default();
    for (parameter, member) in route.query {
        let mut values: Vec<Value> = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == parameter)
            .map(|(_, value)| Value::String(value.into_owned()))
            .collect();
        match values.len() {
            0 => {}
            1 => drop(input.insert((*member).to_owned(), values.remove(0))),
            _ => drop(input.insert((*member).to_owned(), Value::Array(values))),
        }
    }
    for (name, member) in route.headers {
        if let Some(value) = parts.headers.get(*name).and_then(|v| v.to_str().ok()) {
            input.insert((*member).to_owned(), Value::String(value.to_owned()));
        }
    }
    Ok((route, Value::Object(input)))
}

fn read_body(route: &Route, lower_camel: bool, body: &Bytes) -> Result<Map<String, Value>, ServiceError> {
    if let Some(member) = route.body {
        return Ok(Map::from_iter([(member.to_owned(), Value::String(STANDARD.encode(body)))]));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        ServiceError::new("InvalidRequestContentException", format!("could not parse request body into json: {error}"))
    })?;
    match recase(value, lower_camel.then_some(char::to_ascii_uppercase)) {
        Value::Object(members) => Ok(members),
        _ => Err(ServiceError::new("InvalidRequestContentException", "the request body is not a JSON object")),
    }
}

/// The members of a path, percent-decoded, if it is of the pattern.
fn match_path(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let (pattern, path) = (pattern.trim_end_matches('/'), path.trim_end_matches('/'));
    let mut members = Map::new();
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(members),
            (Some(want), Some(segment)) => match want.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
                Some(member) => {
                    // `{Name+}` takes the rest of the path.
                    let (member, text) = match member.strip_suffix('+') {
                        Some(member) => {
                            (member, std::iter::once(segment).chain(given.by_ref()).collect::<Vec<_>>().join("/"))
                        }
                        None => (member, segment.to_owned()),
                    };
                    let text = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
                    members.insert(member.to_owned(), Value::String(text));
                }
                None if want == segment => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

/// The reply with its header members and its body.
pub(super) fn encode(route: &Route, lower_camel: bool, reply: Reply) -> Response {
    let mut output = match structure(reply) {
        Ok(Value::Object(output)) => output,
        Ok(_) => return refuse(&ServiceError::internal("an operation replied with something that is no structure")),
        Err(error) => return refuse(&error),
    };
    let status = output
        .get("StatusCode")
        .and_then(Value::as_u64)
        .and_then(|status| u16::try_from(status).ok())
        .filter(|_| route.reply_body.is_some());
    if status.is_some() {
        output.shift_remove("StatusCode");
    }
    let mut headers = Vec::new();
    for (header, member) in route.reply_headers {
        if let Some(Value::String(text)) = output.shift_remove(*member) {
            headers.extend(HeaderName::try_from(*header).ok().zip(HeaderValue::from_str(&text).ok()));
        }
    }
    let body = match route.reply_body {
        Some(member) => {
            let text = output.get(member).and_then(Value::as_str).unwrap_or_default();
            match STANDARD.decode(text) {
                Ok(bytes) => Body::from(bytes),
                Err(_) => return refuse(&ServiceError::internal("a blob of the answer is not base64")),
            }
        }
        None if output.is_empty() && route.status == 204 => Body::empty(),
        None => Body::from(recase(Value::Object(output), lower_camel.then_some(char::to_ascii_lowercase)).to_string()),
    };
    let mut response = respond(status.unwrap_or(route.status), "application/json", body);
    response.headers_mut().extend(headers);
    response
}

/// An error of a REST service.
pub(super) fn refuse(error: &ServiceError) -> Response {
    // Lambda writes `Message`, others `message`: clients read both.
    let mut body = json!({ "__type": error.code, "message": error.message, "Message": error.message, "Type": "User" });
    for (name, member) in error.extras.iter() {
        body[name] = member.clone();
    }
    let mut response = respond(error.status, "application/json", body.to_string());
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// Writes the first letter of every member name in another case; tags, variables and the route keys of route settings are
/// names of the user's own.
fn recase(value: Value, case: Option<fn(&char) -> char>) -> Value {
    let Some(case) = case else { return value };
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| {
                    let own = name.eq_ignore_ascii_case("tags") || name.eq_ignore_ascii_case("stageVariables");
                    let member = match member {
                        Value::Object(by_route) if name.eq_ignore_ascii_case("routeSettings") => {
                            by_route.into_iter().map(|(key, settings)| (key, recase(settings, Some(case)))).collect()
                        }
                        member if own => member,
                        member => recase(member, Some(case)),
                    };
                    let mut letters = name.chars();
                    (letters.next().map(|c| case(&c)).into_iter().chain(letters).collect(), member)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| recase(item, Some(case))).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_by_segment_and_are_decoded() {
        let pattern = "/2015-03-31/functions/{FunctionName}/invocations";
        let members = match_path(pattern, "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations").unwrap();
        assert_eq!(members["FunctionName"], "arn:aws:lambda");
        assert!(match_path(pattern, "/2015-03-31/functions/x").is_none());
        assert!(match_path("/a/", "/a").is_some());
        assert_eq!(match_path("/t/{Arn+}", "/t/a/b").unwrap()["Arn"], "a/b");
    }

    #[test]
    fn only_member_names_change_their_case() {
        let value = recase(json!({ "ApiId": "A", "Tags": { "Key": "v" } }), Some(char::to_ascii_lowercase));
        assert_eq!(value, json!({ "apiId": "A", "tags": { "Key": "v" } }));
        let settings = json!({ "RouteSettings": { "GET /x": { "ThrottlingRateLimit": 1 } } });
        let expected = json!({ "routeSettings": { "GET /x": { "throttlingRateLimit": 1 } } });
        assert_eq!(recase(settings, Some(char::to_ascii_lowercase)), expected);
    }
}
