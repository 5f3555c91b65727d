//! The event that a function is sent for a request.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use serde_json::{Map, Value, json};

use super::identity::Identity;
use super::request::{Incoming, SOURCE_IP, clf, text};
use super::way::Way;
use crate::core::Hub;

/// A request, the way that it takes, and whom it is from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) account: &'a str,
    pub(super) incoming: &'a Incoming,
    pub(super) way: &'a Way,
}

/// Bodies of these types travel as they are, all others as base64. Assumed: AWS names no list; a form is known to travel
/// as base64, and a body without a type as it is.
const TEXTUAL: [&str; 3] = ["application/json", "application/javascript", "application/xml"];

impl Asked<'_> {
    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path`, with the path of the request.
    pub(super) fn route_arn(&self, hub: &Hub) -> String {
        let way = self.way;
        let path = match way.stage.as_str() {
            "$default" => self.incoming.path.as_str(),
            stage => self.incoming.path.strip_prefix('/').and_then(|path| path.strip_prefix(stage)).unwrap_or_default(),
        };
        hub.arn("execute-api", &format!("{}/{}/{}{path}", way.api_id, way.stage, self.incoming.parts.method))
    }

    /// The event in payload format 2.0, in which members without content are left out.
    pub(super) fn version_2(&self, identity: &Identity) -> Value {
        let mut event = self.without_body_2();
        let (body, encoded) = body_of(&self.incoming.parts.headers, &self.incoming.body);
        if !self.incoming.body.is_empty() {
            event.insert("body".to_owned(), json!(body));
        }
        event.insert("isBase64Encoded".to_owned(), json!(encoded));
        if let Some(authorizer) = identity.in_version_2() {
            event["requestContext"]["authorizer"] = authorizer;
        }
        Value::Object(event)
    }

    /// The common members of the events for functions and for authorizers in payload format 2.0.
    pub(super) fn without_body_2(&self) -> Map<String, Value> {
        let Self { incoming, way, .. } = self;
        let mut headers = joined(incoming.parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))));
        headers.remove("cookie");
        let cookies = cookies(&incoming.parts.headers);
        let parameters = joined(form_urlencoded::parse(incoming.query().as_bytes()).into_owned());
        let mut event = Map::from_iter([
            ("version".to_owned(), json!("2.0")),
            ("routeKey".to_owned(), json!(way.route_key.text())),
            ("rawPath".to_owned(), json!(incoming.path)),
            ("rawQueryString".to_owned(), json!(incoming.query())),
            ("headers".to_owned(), json!(headers)),
            ("requestContext".to_owned(), self.context_2()),
        ]);
        let mut optional = |name: &str, value: Value, is_empty: bool| {
            if !is_empty {
                event.insert(name.to_owned(), value);
            }
        };
        optional("cookies", json!(cookies), cookies.is_empty());
        optional("queryStringParameters", json!(parameters), parameters.is_empty());
        optional("pathParameters", json!(way.parameters), way.parameters.is_empty());
        optional("stageVariables", json!(way.stage_variables), way.stage_variables.is_empty());
        event
    }

    fn context_2(&self) -> Value {
        let Self { account, incoming, way } = self;
        json!({
            "accountId": account, "apiId": way.api_id, "domainName": incoming.domain(),
            "domainPrefix": incoming.domain_prefix(&way.api_id), "requestId": incoming.request_id,
            "routeKey": way.route_key.text(), "stage": way.stage, "time": clf(incoming.at),
            "timeEpoch": incoming.at.as_millis(),
            "http": {
                "method": incoming.parts.method.as_str(), "path": incoming.path, "protocol": "HTTP/1.1",
                "sourceIp": SOURCE_IP, "userAgent": incoming.header("user-agent").unwrap_or_default(),
            },
        })
    }

    /// The event in payload format 1.0, in which members without content are null.
    pub(super) fn version_1(&self, identity: &Identity) -> Value {
        let mut event = self.without_body_1(identity);
        let (body, encoded) = body_of(&self.incoming.parts.headers, &self.incoming.body);
        event["body"] = if self.incoming.body.is_empty() { Value::Null } else { json!(body) };
        event["isBase64Encoded"] = json!(encoded);
        event
    }

    /// The common members of the events for functions and for authorizers in payload format 1.0.
    pub(super) fn without_body_1(&self, identity: &Identity) -> Value {
        let Self { incoming, way, .. } = self;
        let headers = listed(incoming.parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))));
        let parameters = listed(form_urlencoded::parse(incoming.query().as_bytes()).into_owned());
        json!({
            "version": "1.0", "resource": way.route_key.path(), "path": incoming.path,
            "httpMethod": incoming.parts.method.as_str(), "headers": last(&headers), "multiValueHeaders": headers,
            "queryStringParameters": last(&parameters), "multiValueQueryStringParameters": some(&parameters),
            "requestContext": self.context_1(identity), "pathParameters": some(&way.parameters),
            "stageVariables": some(&way.stage_variables),
        })
    }

    fn context_1(&self, identity: &Identity) -> Value {
        let Self { account, incoming, way } = self;
        let mut signer = identity.signer_in_version_1();
        signer["sourceIp"] = json!(SOURCE_IP);
        signer["userAgent"] = json!(incoming.header("user-agent").unwrap_or_default());
        json!({
            "accountId": account, "apiId": way.api_id, "authorizer": identity.in_version_1(),
            "domainName": incoming.domain(), "domainPrefix": incoming.domain_prefix(&way.api_id),
            "extendedRequestId": incoming.request_id, "httpMethod": incoming.parts.method.as_str(), "identity": signer,
            "path": incoming.path, "protocol": "HTTP/1.1", "requestId": incoming.request_id,
            "requestTime": clf(incoming.at), "requestTimeEpoch": incoming.at.as_millis(), "resourceId": null,
            "resourcePath": way.route_key.path(), "stage": way.stage,
        })
    }
}

/// Values of one name joined by commas.
fn joined(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    listed(pairs).into_iter().map(|(name, values)| (name, values.join(","))).collect()
}

fn listed(pairs: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        lists.entry(name).or_default().push(value);
    }
    lists
}

fn last(lists: &BTreeMap<String, Vec<String>>) -> Value {
    if lists.is_empty() {
        return Value::Null;
    }
    lists.iter().filter_map(|(name, values)| Some((name.clone(), json!(values.last()?)))).collect()
}

fn some<T: serde::Serialize>(map: &BTreeMap<String, T>) -> Value {
    if map.is_empty() { Value::Null } else { json!(map) }
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).iter().map(text);
    let cookies = values.flat_map(|value| value.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>());
    cookies.filter(|cookie| !cookie.is_empty()).collect()
}

fn body_of(headers: &HeaderMap, body: &Bytes) -> (String, bool) {
    let kind = headers.get(header::CONTENT_TYPE).map(text).unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let textual = kind.is_empty()
        || kind.starts_with("text/")
        || TEXTUAL.contains(&kind)
        || kind.ends_with("+json")
        || kind.ends_with("+xml");
    match std::str::from_utf8(body) {
        Ok(content) if body.is_empty() || (textual && !headers.contains_key(header::CONTENT_ENCODING)) => {
            (content.to_owned(), false)
        }
        _ => (STANDARD.encode(body), true),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use test_case::test_case;

    use super::super::testing::way;
    use super::*;
    use crate::core::Timestamp;
    use crate::core::testing::hub;

    fn incoming(uri: &str, headers: &[(&str, &str)], body: &'static [u8]) -> Incoming {
        let request = headers.iter().fold(Request::builder().uri(uri), |r, (name, value)| r.header(*name, *value));
        let parts = request.body(()).unwrap().into_parts().0;
        let incoming = Incoming::new(&hub(), parts, Bytes::from_static(body), "r=".into());
        Incoming { at: Timestamp::from_millis(1_583_348_638_390), ..incoming }
    }

    fn events(incoming: &Incoming) -> (Value, Value) {
        let way = way("GET /x/{id}", &[("id", "1")]);
        let asked = Asked { account: "1", incoming, way: &way };
        (asked.version_1(&Identity::Anybody), asked.version_2(&Identity::Anybody))
    }

    #[test]
    fn the_event_of_format_2_to_the_letter() {
        let headers = [("host", "a.example"), ("x-h", "1"), ("X-H", "2"), ("cookie", "c=1; d=2"), ("user-agent", "u")];
        let incoming = incoming("/x/a%20b?a=1&a=2&b=%20", &[&headers[..], &[("x-amzn-trace-id", "t")]].concat(), b"");
        let expected = json!({
            "version": "2.0", "routeKey": "GET /x/{id}", "rawPath": "/x/a b", "rawQueryString": "a=1&a=2&b=%20",
            "cookies": ["c=1", "d=2"],
            "headers": {
                "content-length": "0", "host": "a.example", "user-agent": "u", "x-amzn-trace-id": "t", "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "443", "x-forwarded-proto": "https", "x-h": "1,2",
            },
            "queryStringParameters": { "a": "1,2", "b": " " },
            "requestContext": {
                "accountId": "1", "apiId": "a1", "domainName": "a.example", "domainPrefix": "a",
                "http": { "method": "GET", "path": "/x/a b", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "u" },
                "requestId": "r=", "routeKey": "GET /x/{id}", "stage": "$default", "time": "04/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_583_348_638_390_i64,
            },
            "pathParameters": { "id": "1" }, "isBase64Encoded": false,
        });
        assert_eq!(events(&incoming).1, expected);
    }

    #[test]
    fn the_event_of_format_1_to_the_letter() {
        let headers = [("host", "a.example"), ("x-h", "1"), ("x-h", "2"), ("x-amzn-trace-id", "t")];
        let event = events(&incoming("/x/1?a=1&a=2", &headers, b"")).0;
        let identity = &event["requestContext"]["identity"];
        assert_eq!((&identity["sourceIp"], &identity["userAgent"]), (&json!("127.0.0.1"), &json!("")));
        assert!(
            identity["cognitoIdentityId"].is_null() && identity.as_object().unwrap().contains_key("principalOrgId")
        );
        let mut rest = event.clone();
        rest["requestContext"]["identity"].take();
        let expected = json!({
            "version": "1.0", "resource": "/x/{id}", "path": "/x/1", "httpMethod": "GET",
            "headers": {
                "content-length": "0", "host": "a.example", "x-amzn-trace-id": "t", "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "443", "x-forwarded-proto": "https", "x-h": "2",
            },
            "multiValueHeaders": {
                "content-length": ["0"], "host": ["a.example"], "x-amzn-trace-id": ["t"], "x-forwarded-for": ["127.0.0.1"],
                "x-forwarded-port": ["443"], "x-forwarded-proto": ["https"], "x-h": ["1", "2"],
            },
            "queryStringParameters": { "a": "2" }, "multiValueQueryStringParameters": { "a": ["1", "2"] },
            "requestContext": {
                "accountId": "1", "apiId": "a1", "authorizer": { "claims": null, "scopes": null }, "domainName": "a.example",
                "domainPrefix": "a", "extendedRequestId": "r=", "httpMethod": "GET", "identity": null, "path": "/x/1",
                "protocol": "HTTP/1.1", "requestId": "r=", "requestTime": "04/Mar/2020:19:03:58 +0000",
                "requestTimeEpoch": 1_583_348_638_390_i64, "resourceId": null, "resourcePath": "/x/{id}", "stage": "$default",
            },
            "pathParameters": { "id": "1" }, "stageVariables": null, "body": null, "isBase64Encoded": false,
        });
        assert_eq!(rest, expected);
    }

    #[test_case("application/json", b"{}", false)]
    #[test_case("Application/JSON; charset=utf-8", b"{}", false; "a type with parameters")]
    #[test_case("application/vnd.api+json", b"{}", false)]
    #[test_case("text/csv", b"a", false)]
    #[test_case("", b"a", false; "no type")]
    #[test_case("application/x-www-form-urlencoded", b"a=b", true; "a form")]
    #[test_case("application/octet-stream", b"a", true)]
    #[test_case("text/plain", b"\xff\x00", true; "no text whatever it says")]
    fn bodies_travel_by_their_type(kind: &str, body: &'static [u8], encoded: bool) {
        let (one, two) = events(&incoming("/x/1", &[("content-type", kind)], body));
        assert_eq!((&one["isBase64Encoded"], &two["isBase64Encoded"]), (&json!(encoded), &json!(encoded)));
        let sent = if encoded { STANDARD.encode(body) } else { String::from_utf8(body.to_vec()).unwrap() };
        assert_eq!((&one["body"], &two["body"]), (&json!(sent), &json!(sent)));
    }
}
