//! `slipway check` against something real: a server that stands for the application, and for Lambda.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

mod server;

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use server::{Answer, Server};
use tempfile::TempDir;
use test_case::test_case;

const TEMPLATE: &str =
    "Resources:\n  Orders: {Type: AWS::Serverless::Function}\n  Mailer: {Type: AWS::Serverless::Function}\n";

fn folder(functions: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("template.yaml"), TEMPLATE).unwrap();
    fs::write(folder.path().join("slipway.yaml"), format!("application: shop\nfunctions:\n{functions}")).unwrap();
    folder
}

/// The program's streams and its exit code.
fn checked(functions: &str, arguments: &[&str]) -> (String, String, i32) {
    let folder = folder(functions);
    let mut program = Command::new(env!("CARGO_BIN_EXE_slipway"));
    let output = program.arg("check").args(arguments).current_dir(folder.path()).env_clear().output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    // The times of a run are its own.
    let out: String = out.lines().map(|line| format!("{}\n", untimed(line))).collect();
    (out, err, output.status.code().unwrap())
}

/// A line of text without the duration at its end.
fn untimed(line: &str) -> &str {
    line.rsplit_once(" (").filter(|(_, rest)| rest.ends_with(" ms)")).map_or(line, |(line, _)| line)
}

const SUITE: &str = r#"  Orders:
    suite:
      checks:
        - {name: answers, kind: invoke, event: {}, expect: {statusCode: 200}}
        - {name: as before, kind: drift}
      public:
        - {name: create, kind: http, method: POST, path: /orders, body: {n: 1}, expect: {status: 201}, capture: {id: /body/id}}
        - {name: read, kind: http, path: "/orders/${id}", expect: {status: 200, body: {n: 1}}}
        - {name: again, kind: http, path: "/orders/${id}/lines/${id}", expect: {status: 200}}
        - {name: remove, kind: http, method: DELETE, path: "/orders/${id}", always: true, expect: {status: 204}}
"#;

fn shop(request: &str) -> Answer {
    match request {
        "POST /base/orders" => Answer::json(201, r#"{"id": "7"}"#),
        "GET /base/orders/7" => Answer::json(200, r#"{"n": 2}"#),
        "DELETE /base/orders/7" => Answer::json(204, ""),
        _ => Answer::json(404, "{}"),
    }
}

#[test]
fn requests_are_sent_in_their_order_and_what_was_made_is_removed() {
    let server = Server::start(shop);
    let (out, err, code) = checked(SUITE, &["--url", &server.url("/base/")]);
    assert_eq!(
        out,
        r#"Orders checks "answers": not run
  no --function Orders=… says which function it is
Orders checks "as before": not run
  it compares the two versions of a deployment
Orders public "create": passed
Orders public "read": failed
  check "read": body.n: expected 1, got 2
Orders public "again": failed
  check "again": status: expected 200, got 404
Orders public "remove": passed
"#
    );
    assert_eq!(err, "slipway: 6 checks: 2 passed, 2 failed, 0 could not be made, 2 not run\n");
    assert_eq!(code, 1);
    let sent = ["POST /base/orders", "GET /base/orders/7", "GET /base/orders/7/lines/7", "DELETE /base/orders/7"];
    assert_eq!(server.requests(), sent);
}

#[test]
fn what_follows_from_a_bad_answer_is_not_run_and_is_removed_all_the_same() {
    let server = Server::start(|request| match request {
        "POST /orders" => Answer::json(200, r#"{"id": "7"}"#),
        _ => Answer::json(204, ""),
    });
    let (out, _, code) = checked(SUITE, &["--url", &server.url("")]);
    assert!(
        out.contains("Orders public \"create\": failed\n  check \"create\": status: expected 201, got 200\n"),
        "{out}"
    );
    let skipped = r#"check "read": not run, because the check that captured "id" did not pass"#;
    assert!(out.contains(&format!("Orders public \"read\": not run\n  {skipped}\n")), "{out}");
    assert_eq!(code, 1);
    assert_eq!(server.requests(), ["POST /orders", "DELETE /orders/7"]);
}

#[test]
fn nothing_is_sent_unless_it_is_asked_for_or_if_a_file_has_faults() {
    let server = Server::start(shop);
    let (out, _, code) = checked(SUITE, &[]);
    assert!(out.starts_with("slipway.yaml is valid: "), "{out}");
    assert_eq!(code, 0);
    let faulty = SUITE.replacen("kind: drift", "kind: drft", 1);
    let (out, err, code) = checked(&faulty, &["--url", &server.url("/base"), "--json"]);
    let fault: Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!((&fault["file"], &fault["line"]), (&json!("slipway.yaml"), &json!(7)));
    assert_eq!((err.as_str(), code), ("slipway: 1 fault in slipway.yaml\n", 1));
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn a_manifest_is_told_as_json_if_nothing_is_run() {
    let (out, _, code) = checked(SUITE, &["--json"]);
    let told: Value = serde_json::from_str(out.trim()).unwrap();
    let expected = json!({"file": "slipway.yaml", "application": "shop", "functions": 1, "stages": 0, "checks": 2, "public": 4, "files": 2});
    assert_eq!((told, code), (expected, 0));
}

const INVOKED: &str = r#"  Mailer:
    suite:
      checks:
        - {name: renders, kind: invoke, event: {order: 7}, expect: {subject: Yours}}
        - {name: quick, kind: latency, event: {}, calls: 3, p95: 30s}
  Orders:
    suite:
      checks:
        - {name: fails, kind: invoke, event: {}, expect: {}}
      public:
        - {name: health, kind: http, path: /health, expect: {status: 200}}
"#;

#[test]
fn functions_are_invoked_as_they_are_named() {
    let server = Server::start(|request| match request.contains("/mailer/") {
        true => Answer::json(200, r#"{"subject": "Yours"}"#),
        false => Answer::json(200, r#"{"errorMessage": "no table"}"#).with("X-Amz-Function-Error: Unhandled"),
    });
    let endpoint = server.url("");
    let named = ["--function", "Mailer=mailer:7", "--function", "Orders=orders", "--endpoint", &endpoint, "--json"];
    let (out, err, code) = checked(INVOKED, &named);
    let told: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let outcome = |n: usize| (told[n]["check"].as_str().unwrap(), told[n]["outcome"].as_str().unwrap());
    assert_eq!([outcome(0), outcome(1)], [("renders", "passed"), ("quick", "passed")], "{err}");
    assert_eq!([outcome(2), outcome(3)], [("fails", "failed"), ("health", "notRun")], "{err}");
    assert_eq!(told[2]["reasons"], json!([r#"check "fails": the function failed (Unhandled): no table"#]));
    assert!(told[0]["durationMs"].is_u64() && told[3]["durationMs"].is_null(), "{out}");
    assert_eq!(
        (&told[0]["function"], &told[0]["list"], &told[0]["kind"]),
        (&json!("Mailer"), &json!("checks"), &json!("invoke"))
    );
    assert_eq!(code, 1);
    let mailer = "POST /2015-03-31/functions/mailer/invocations?Qualifier=7";
    // The call that is not measured, three that are, and the check before.
    assert_eq!(server.requests().iter().filter(|sent| *sent == mailer).count(), 5);
    assert!(server.requests().contains(&"POST /2015-03-31/functions/orders/invocations".to_owned()));
}

const LOGGED: &str = r#"  Orders:
    suite:
      checks:
        - {name: answers, kind: invoke, event: {}, expect: {}}
        - {name: quiet, kind: logs}
      public:
        - {name: still quiet, kind: logs}
"#;

#[test]
fn the_log_of_a_published_version_is_looked_at() {
    let server = Server::start(|request| match request {
        "POST /" => Answer::json(200, r#"{"events": [{"message": "ERROR later"}]}"#),
        "GET /2015-03-31/functions/shop/configuration?Qualifier=7" => Answer::json(200, r#"{"Timeout": 3}"#),
        // The end of the log: "ERROR boom".
        _ => Answer::json(200, "{}").with("X-Amz-Log-Result: RVJST1IgYm9vbQo=").with("X-Amz-Executed-Version: 7"),
    });
    let endpoint = server.url("");
    let run = |function: &str| checked(LOGGED, &["--function", function, "--endpoint", &endpoint]);
    let (out, err, code) = run("Orders=shop:7");
    let told = |name: &str, line: &str| format!("{name}: 1 log lines are errors, and 0 are let pass: {line}\n");
    assert!(out.contains(&told(r#"check "quiet""#, "ERROR boom")), "{out}{err}");
    assert!(out.contains(&told(r#"check "still quiet""#, "ERROR later")), "{out}{err}");
    assert_eq!(code, 1);
    let (out, _, code) = run("Orders=shop:live");
    let why = "no --function Orders=NAME:VERSION says which published version's log it is";
    assert!(out.contains(&format!("Orders checks \"quiet\": not run\n  {why}\n")), "{out}");
    assert_eq!(code, 0);
}

#[test]
fn another_version_that_answers_proves_nothing() {
    let server = Server::start(|_| Answer::json(200, "{}").with("X-Amz-Executed-Version: 6"));
    let endpoint = server.url("");
    let run = |function: &str| checked(LOGGED, &["--function", function, "--endpoint", &endpoint]);
    let (out, _, code) = run("Orders=shop:7");
    assert!(
        out.starts_with(
            "Orders checks \"answers\": could not be made\n  check \"answers\": another version answered\n"
        ),
        "{out}"
    );
    assert_eq!(code, 1);
    assert_eq!(run("Orders=shop:live").2, 0);
}

#[test]
fn a_suite_by_itself_is_run_under_the_name_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.json");
    let suite = json!({
        "checks": [{"name": "answers", "event": {}, "expect": {"n": 1}}],
        "public": [{"name": "health", "path": "/health", "expect": {"status": 200}}],
    });
    fs::write(&file, suite.to_string()).unwrap();
    let server = Server::start(|_| Answer::json(200, r#"{"n": 1}"#));
    let (url, file) = (server.url(""), file.display().to_string());
    let (out, err, code) = checked("", &[&file, "--url", &url, "--function", "orders=shop", "--endpoint", &url]);
    assert_eq!(out, "orders checks \"answers\": passed\norders public \"health\": passed\n", "{err}");
    assert_eq!(code, 0);
}

fn health(expect: &str) -> String {
    format!("  Orders: {{suite: {{public: [{{name: health, kind: http, path: /health, {expect}}}]}}}}\n")
}

#[test_case("/late", "timeout: 50ms, expect: {status: 200}", "no whole answer within 50ms"; "late")]
#[test_case("/binary", "expect: {status: 200, body: {a: 1}}", "the answer is binary (2 bytes, no UTF-8)"; "binary")]
#[test_case("/long", "expect: {status: 200, body: {a: 1}}", "body.a: "; "five megabytes")]
#[test_case("/longer", "expect: {status: 200, body: {a: 1}}", "the answer is longer than 8 MB"; "nine megabytes")]
fn a_bad_answer_fails_in_the_hooks_words(path: &str, expect: &str, words: &str) {
    let long = |megabytes: usize| Answer::json(200, &format!("{{\"text\": \"{}\"}}", "x".repeat(megabytes << 20)));
    let server = Server::start(move |request| match request {
        "GET /late/health" => Answer::never(),
        "GET /binary/health" => Answer::bytes(200, vec![0xff, 0xfe]),
        "GET /long/health" => long(5),
        _ => long(9),
    });
    let (out, err, code) = checked(&health(expect), &["--url", &server.url(path)]);
    assert!(out.starts_with("Orders public \"health\": failed\n  check \"health\": "), "{out}{err}");
    assert!(out.contains(words) && out.len() < 1000, "{out}");
    assert_eq!(code, 1);
}

#[test]
fn an_application_that_nobody_reaches_has_not_passed() {
    let url = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", free.local_addr().unwrap())
    };
    let (out, _, code) = checked(&health("expect: {status: 200}"), &["--url", &url]);
    assert!(out.contains("check \"health\": the public URL does not answer: "), "{out}");
    assert_eq!(code, 1);
}

#[test]
fn nothing_run_is_no_success() {
    let server = Server::start(shop);
    let only_drift = "  Orders: {suite: {checks: [{name: as before, kind: drift}]}}\n";
    let (_, err, code) = checked(only_drift, &["--url", &server.url("")]);
    assert_eq!(err, "slipway: 1 check: 0 passed, 0 failed, 0 could not be made, 1 not run: nothing is shown by that\n");
    assert_eq!(code, 1);
}

#[test_case(&["--function", "Ordrs=orders"], "there is no such function in the file; did you mean Orders?"; "an unknown function")]
#[test_case(&["--function", "Orders=a", "--function", "Orders=b"], "it is named twice"; "a function twice")]
#[test_case(&["--function", "Orders"], "a logical id, =, and a function"; "no function")]
#[test_case(&["--function", "Orders=a b"], "is not a function name"; "no name")]
#[test_case(&["--url", "shop.example.com"], "no URL"; "no url")]
#[test_case(&["--endpoint", "http://127.0.0.1:1"], "--function"; "an endpoint for nothing")]
#[test_case(&["--function", "Orders=orders"], "AWS_REGION"; "no region and no credentials")]
fn what_cannot_be_asked_is_refused_before_anything_is_sent(arguments: &[&str], why: &str) {
    let server = Server::start(shop);
    let url = server.url("/base");
    let before: &[&str] = if arguments.contains(&"--url") { &[] } else { &["--url", &url] };
    let (out, err, code) = checked(SUITE, &[before, arguments].concat());
    assert!(err.contains(why), "{err}");
    assert_eq!((out.as_str(), code), ("", 2));
    assert_eq!(server.requests(), [""; 0]);
}
