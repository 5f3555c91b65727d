//! Tests of suites as they are read from parameters, and of the order that they give to their checks.

use serde_json::{Value, json};
use test_case::test_case;

use super::*;
use crate::objects::ObjectLocation;
use crate::reading::Faults;

fn parse(suite: &Value) -> Result<Suite, Faults> {
    Suite::parse(&suite.to_string())
}

fn faults(suite: &Value) -> Vec<String> {
    parse(suite).unwrap_err().list().iter().map(ToString::to_string).collect()
}

/// A suite with every kind of check and every member.
fn everything() -> Value {
    json!({
        "checks": [
            {"name": "create", "kind": "invoke", "event": {"rawPath": "/contacts"},
             "expect": {"statusCode": 201}, "jmespath": ["body.id"], "schema": {"type": "object"},
             "timeout": "1500ms", "retries": 2, "capture": {"id": "/body/id"}, "example": {"statusCode": 201, "body": {"id": 1}}},
            {"name": "remove", "kind": "invoke", "event": {"rawPath": "/contacts/${id}"}, "expect": {}, "always": true},
            {"name": "fast", "kind": "latency", "event": {"rawPath": "/health"}, "calls": 50, "p95": "300ms", "coldStart": "2s"},
            {"name": "quiet", "kind": "logs", "patterns": ["panicked"], "except": ["^DEBUG"], "atMost": 1},
            {"name": "as before", "kind": "drift", "allow": ["memory", "environment.NEW_FLAG"]},
            {"name": "green before", "kind": "alarms", "names": ["errors"]},
        ],
        "public": [
            {"name": "put", "kind": "http", "method": "PUT", "path": "/x?y=1", "headers": {"accept": "*/*"}, "body": {"a": 1},
             "redirects": "follow", "tls": {"verify": true, "minimumDays": 14},
             "expect": {"status": [200, 201], "headers": {"ETag": "1"}, "body": {"a": 1}}, "jmespath": ["status"], "schema": true},
        ],
    })
}

#[test]
fn what_is_written_is_what_was_read() {
    let suite = parse(&everything()).unwrap();
    let written = serde_json::to_value(&suite).unwrap();
    assert_eq!(written, everything());
    assert_eq!(parse(&written).unwrap(), suite);
}

#[test]
fn suites_from_before_there_were_kinds_are_read() {
    let suite = parse(&json!({
        "checks": [{"name": "health", "event": {"rawPath": "/health"}, "expect": {"statusCode": 200}}],
        "public": [{"name": "health", "path": "/health", "expect": {"status": 200, "body": {"status": "ok"}}}],
    }))
    .unwrap();
    let Probe::Invoke(invoke) = &suite.checks[0].probe else { panic!("{suite:?}") };
    assert_eq!(invoke.expect, Some(json!({"statusCode": 200})));
    let Probe::Http(http) = &suite.public[0].probe else { panic!("{suite:?}") };
    assert_eq!(http.expect.to_value(200), json!({"status": 200, "body": {"status": "ok"}}));
    assert_eq!(http.url("https://api.example.com/"), "https://api.example.com/health");
}

#[test]
fn a_status_may_be_one_of_several() {
    let suite = parse(&json!({"public": [{"name": "a", "path": "/", "expect": {"status": [401, 403]}}]})).unwrap();
    let Probe::Http(http) = &suite.public[0].probe else { panic!("{suite:?}") };
    assert_eq!(http.expect.to_value(403), json!({"status": 403}));
    assert_eq!(http.expect.to_value(200), json!({"status": "one of 401, 403"}));
}

fn check(members: &Value) -> Value {
    let mut check = json!({"name": "a", "kind": "invoke", "event": {}, "expect": {}});
    check.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({"checks": [check]})
}

fn request(members: &Value) -> Value {
    let mut check = json!({"name": "a", "kind": "http", "path": "/", "expect": {"status": 200}});
    check.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({"public": [check]})
}

#[test_case(json!([]) => vec!["expected a map, found a list"]; "not an object")]
#[test_case(json!({"check": []}) => vec![r#"/check: there is no member "check" here; did you mean "checks"?"#]; "a misspelt list")]
#[test_case(json!({"checks": {}}) => vec!["/checks: expected a list, found a map"]; "a list that is none")]
#[test_case(json!({"checks": [{"name": "a", "event": {}}]}) => vec!["/checks/0: nothing is expected: expect, jmespath and schema are all missing"]; "no expectation")]
#[test_case(json!({"checks": [{"name": "a", "expect": {}}]}) => vec!["/checks/0: event is missing"]; "no event")]
#[test_case(check(&json!({"expects": 1})) => vec![r#"/checks/0/expects: there is no member "expects" here; did you mean "expect"?"#]; "a misspelt member")]
#[test_case(check(&json!({"name": " "})) => vec!["/checks/0/name: expected a text that is not blank"]; "a nameless check")]
#[test_case(check(&json!({"kind": "htp"})) => vec![r#"/checks/0/kind: "htp" is not known; did you mean "http"? It is one of invoke, http, latency, logs, drift, alarms"#]; "an unknown kind")]
#[test_case(check(&json!({"timeout": "5 parsecs"})) => vec![r#"/checks/0/timeout: "5 parsecs" is no length of time from 1ms to 1h: write 500ms, 5s, 2m, or a number of seconds"#]; "no time")]
#[test_case(check(&json!({"retries": 11})) => vec!["/checks/0/retries: expected a whole number from 0 to 10, found 11"]; "out of range")]
#[test_case(check(&json!({"jmespath": ["a ["]})) => vec![r#"/checks/0/jmespath/0: "a [" is no JMESPath expression: Parse error: Expected number, ':', or '*' -- found Eof"#]; "bad jmespath")]
#[test_case(check(&json!({"schema": {"type": "objekt"}})) => vec![r#"/checks/0/schema: this is no JSON Schema: /type: "objekt" is not valid under any of the schemas listed in the 'anyOf' keyword"#]; "a bad schema")]
#[test_case(check(&json!({"schema": "contact.json"})) => vec!["/checks/0/schema: no file can be named here: write the schema itself"]; "a file in a parameter")]
#[test_case(check(&json!({"event": {"x": "${id}"}})) => vec!["/checks/0/event/x: uses ${id}, which no check before it captures"]; "not captured")]
#[test_case(check(&json!({"event": {"x": "${id"}})) => vec!["/checks/0/event/x: holds a ${ without a name and a }; $${ stands for the signs themselves"]; "a broken placeholder")]
#[test_case(check(&json!({"event": {"x": "${a}"}, "capture": {"a": "/b"}})) => vec!["/checks/0/event/x: uses ${a}, which no check before it captures"]; "its own capture used")]
#[test_case(check(&json!({"capture": {"a b": "c"}})) => vec![
    r#"/checks/0/capture/a b: "a b" is no name of a captured value: a letter, then letters and digits"#,
    r#"/checks/0/capture/a b: "c" is no JSON pointer: it begins with a slash"#]; "a capture that is none")]
#[test_case(request(&json!({"path": "health"})) => vec![r#"/public/0/path: "health" is neither a path, which begins with a slash, nor a URL, which begins with https://"#]; "a relative path")]
#[test_case(request(&json!({"path": "https://"})) => vec![r#"/public/0/path: "https://" is not a URL: empty string"#]; "no url")]
#[test_case(request(&json!({"path": "/a b"})) => vec![r#"/public/0/path: "/a b" is not a URL: invalid uri character"#]; "a path with a space")]
#[test_case(request(&json!({"path": "https://shop.example.com:99999/"})) => vec![r#"/public/0/path: "https://shop.example.com:99999/" is not a URL: a port is a number up to 65535"#]; "no port")]
#[test_case(request(&json!({"method": "TRACE"})) => vec![r#"/public/0/method: "TRACE" is not known; it is one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"#]; "an unknown method")]
#[test_case(request(&json!({"expect": {}})) => vec!["/public/0/expect: status is missing"]; "no status expected")]
#[test_case(request(&json!({"expect": {"status": []}})) => vec!["/public/0/expect/status: expected an HTTP status, or several, found none"]; "none of no statuses")]
#[test_case(request(&json!({"expect": {"status": "200"}})) => vec!["/public/0/expect/status: expected a whole number from 100 to 599, found a text"]; "a status that is no number")]
#[test_case(request(&json!({"expect": {"status": [200, 70_000]}})) => vec!["/public/0/expect/status/1: expected a whole number from 100 to 599, found 70000"]; "no status of http")]
#[test_case(request(&json!({"headers": {"accept-version": 1.1}})) => vec!["/public/0/headers/accept-version: expected a text (a number that is not whole in quotes), found a number"]; "a header that would not be sent as it is written")]
#[test_case(request(&json!({"headers": {"a b": "c"}})) => vec![r#"/public/0/headers/a b: "a b" is no name of a header"#]; "no header")]
#[test_case(request(&json!({"tls": {"verify": false, "minimumDays": 14}})) => vec!["/public/0/tls: a certificate that is not verified cannot be held to minimumDays"]; "days of any certificate")]
#[test_case(json!({"checks": [{"name": "a", "kind": "logs", "patterns": ["("]}]}) => vec![r#"/checks/0/patterns/0: "(" is no regular expression: error: unclosed group"#]; "a bad pattern")]
#[test_case(json!({"checks": [{"name": "a", "kind": "logs", "patterns": []}]}) => vec!["/checks/0/patterns: expected at least one regular expression"]; "no pattern")]
#[test_case(json!({"checks": [{"name": "a", "kind": "latency", "event": {}}]}) => vec!["/checks/0: nothing is expected: p95 and coldStart are both missing"]; "no budget")]
#[test_case(json!({"checks": [{"name": "a", "kind": "drift", "allow": ["memry", "environment.1"]}]}) => vec![
    r#"/checks/0/allow/0: "memry" is not known; did you mean "memory"? It is one of memory, timeout, runtime, architecture, environment"#,
    r#"/checks/0/allow/1: "1" is no name of an environment variable"#]; "an unknown property")]
#[test_case(json!({"checks": [{"name": "a", "kind": "alarms", "capture": {"a": "/b"}}]}) => vec![r#"/checks/0/capture: there is no member "capture" here; there are name, timeout, retries, kind, names"#]; "a capture of no answer")]
fn a_fault_is_named_with_its_place(suite: Value) -> Vec<String> {
    faults(&suite)
}

#[test]
fn a_name_and_a_capture_are_of_one_check() {
    let twice = json!({"name": "a", "event": {}, "expect": {}, "capture": {"id": "/x"}});
    let expected =
        [r#"/checks/1: two checks of this list are called "a""#, r#"/checks/1: two checks of this list capture "id""#];
    assert_eq!(faults(&json!({"checks": [twice, twice]})), expected);
}

#[test_case("http://[::1]/"; "an address")]
#[test_case("http://[::1]:8080/"; "an address and a port")]
#[test_case("https://ann@shop.example.com/"; "a user")]
#[test_case("https://shop.example.com:8443/a:b"; "a colon in the path")]
fn a_url_may_be(path: &str) {
    assert!(parse(&request(&json!({ "path": path }))).is_ok());
}

#[test]
fn name_and_captures_of_a_check_with_faults_are_known() {
    let misspelt = json!({"name": "a", "kind": "invok", "event": {}, "expect": {}, "capture": {"id": "/x"}});
    let uses = json!({"name": "a", "event": {"id": "${id}"}, "expect": {}});
    let told = faults(&json!({"checks": [misspelt, uses]}));
    assert!(told[0].starts_with(r#"/checks/0/kind: "invok" is not known"#), "{told:?}");
    assert_eq!(told[1..], [r#"/checks/1: two checks of this list are called "a""#]);
}

#[test]
fn every_fault_is_told_at_once() {
    let bad = json!({"name": 1, "kind": "invoke", "evnt": {}, "expect": {}});
    let checks: Vec<Value> = (0..100).map(|_| bad.clone()).collect();
    let all = faults(&json!({"checks": checks}));
    assert_eq!(all.len(), 300, "a name of the wrong type, a missing event and a misspelt one each");
    assert!(all[0].starts_with("/checks/0"), "{}", all[0]);
}

#[test]
fn what_is_not_json_is_refused_with_its_line() {
    let error = Suite::parse("{\n \"checks\": [,]}").unwrap_err();
    assert!(error.to_string().starts_with(":2:13: not JSON: "), "{error}");
}

fn named<'a>(groups: &[Vec<&'a Check>]) -> Vec<Vec<&'a str>> {
    groups.iter().map(|group| group.iter().map(|check| check.name.as_str()).collect()).collect()
}

#[test]
fn captured_values_make_order_and_nothing_else_does() {
    let check = |name: &str, uses: &str, capture: Value| json!({"name": name, "event": {"x": uses}, "expect": {}, "capture": capture});
    let suite = parse(&json!({"checks": [
        check("a", "", json!({"a": "/a"})),
        check("alone", "", json!({})),
        check("b", "", json!({"b": "/b"})),
        check("uses a", "${a}", json!({})),
        check("c", "", json!({"c": "/c"})),
        check("joins a and b", "${a}${b}", json!({})),
    ]}))
    .unwrap();
    let expected: [&[&str]; 3] = [&["a", "b", "uses a", "joins a and b"], &["alone"], &["c"]];
    assert_eq!(named(&Suite::sequences(&suite.checks)), expected);
}

#[test]
fn captured_values_are_put_in_their_places() {
    let suite = parse(&json!({"public": [
        {"name": "a", "path": "/", "expect": {"status": 200}, "capture": {"id": "/body/id"}},
        {"name": "b", "path": "/${id}", "headers": {"if-match": "${id}"}, "body": {"x": "$${id}"}, "expect": {"status": 200},
         "jmespath": "body.id == '${id}'"},
    ]}))
    .unwrap();
    let filled = suite.public[1].probe.filled(&|name| (name == "id").then_some("7"));
    let Probe::Http(http) = &filled else { panic!("{filled:?}") };
    assert_eq!((http.path.as_str(), http.headers["if-match"].as_str()), ("/7", "7"));
    assert_eq!((&http.body, &http.wants.jmespath[0]), (&Some(json!({"x": "${id}"})), &"body.id == '7'".to_owned()));
    assert_eq!(suite.public[1].uses(), ["id", "id", "id"]);
}

#[test_case("500ms", Some("500ms"))]
#[test_case("1.5s", Some("1500ms"))]
#[test_case("2 m", Some("120s"))]
#[test_case("1h", Some("3600s"))]
#[test_case("61m", None; "too long")]
#[test_case("0s", None; "nothing")]
#[test_case("-1s", None; "negative")]
#[test_case("s", None; "no number")]
#[test_case("5", None; "no unit")]
#[test_case("1e3s", None; "an exponent")]
fn a_length_of_time_is_read(text: &str, expected: Option<&str>) {
    assert_eq!(TimeLimit::from_text(text).map(|limit| limit.to_string()).as_deref(), expected);
}

#[test_case("{}", Ok(SuiteSource::Text("{}".into())); "a suite")]
#[test_case(" s3://b/suites/a.json\n", Ok(SuiteSource::Object(ObjectLocation::new("b", "suites/a.json"))); "an object")]
#[test_case("s3://b/m.json#Shop", Ok(SuiteSource::Manifest { location: ObjectLocation::new("b", "m.json"), function: "Shop".into() }); "a release's manifest")]
#[test_case("s3://b", Err("\"s3://b\" is no address of an S3 object: s3://bucket/key".into()); "no key")]
#[test_case("s3://b/k#", Err("\"s3://b/k#\" names no function behind its #".into()); "no function")]
fn a_parameter_holds_a_suite_or_its_address(value: &str, expected: Result<SuiteSource, String>) {
    assert_eq!(SuiteSource::of(value), expected);
}
