//! Environments: what the process sees, how it fails, how it is reused and replaced.

use std::time::Duration;

use serde_json::json;
use test_case::test_case;

use super::super::execution::Limits;
use super::world::{bootstrap, package, until};
use super::{World, function};

#[tokio::test]
async fn an_event_is_answered_and_logged() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let answer = world.invoke("fn", json!({ "do": "say", "lines": ["one", "two"] })).await;
    assert!(!answer.failed());
    assert_eq!(answer.version(), "$LATEST");
    let log = answer.log();
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("INIT_START Runtime Version: provided:al2023"), "{lines:?}");
    assert!(lines[1].starts_with("START RequestId: ") && lines[1].ends_with(" Version: $LATEST"), "{lines:?}");
    assert_eq!(lines[2..5], ["one", "two", "to stderr"]);
    assert!(lines[5].starts_with("END RequestId: "), "{lines:?}");
    assert!(lines[6].starts_with("REPORT RequestId: ") && lines[6].contains("\tInit Duration: "), "{lines:?}");
    let memory = lines[6].split("Max Memory Used: ").nth(1).and_then(|rest| rest.split(' ').next());
    assert!(memory.unwrap().parse::<u64>().unwrap() > 0, "{lines:?}");
    let stored = until("the log is stored", async || Some(world.log("fn").await).filter(|log| log.len() == 7)).await;
    assert_eq!(stored, lines);
}

#[tokio::test]
async fn a_warm_environment_is_reused_and_reports_no_initialization() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let first = world.invoke("fn", json!({ "do": "who" })).await;
    let second = world.invoke("fn", json!({ "do": "who" })).await;
    assert_eq!(first.payload()["pid"], second.payload()["pid"]);
    assert!(second.log().starts_with("START"), "{}", second.log());
    assert!(!second.log().contains("Init Duration"), "{}", second.log());
}

#[tokio::test]
async fn the_process_sees_lambdas_variables_and_its_own_and_no_others() {
    let world = World::new();
    let settings = json!({ "MemorySize": 256, "Environment": { "Variables": { "TABLE_NAME": "contacts" } } });
    world.create("fn", settings).await;
    let seen = world.invoke("fn", json!({ "do": "context" })).await.payload();
    let variable = |name: &str| seen["environment"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(variable("AWS_LAMBDA_FUNCTION_NAME"), "fn");
    assert_eq!(variable("AWS_LAMBDA_FUNCTION_VERSION"), "$LATEST");
    assert_eq!(variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), "256");
    assert_eq!(variable("AWS_LAMBDA_LOG_GROUP_NAME"), "/aws/lambda/fn");
    assert_eq!(variable("AWS_REGION"), "us-east-1");
    assert_eq!(variable("AWS_ENDPOINT_URL"), "http://127.0.0.1:1");
    assert_eq!(variable("TABLE_NAME"), "contacts");
    assert_eq!(variable("_HANDLER"), "bootstrap");
    assert!(variable("AWS_ACCESS_KEY_ID").starts_with("ASIA"));
    assert_eq!(variable("LAMBDA_TASK_ROOT"), seen["directory"].as_str().unwrap());
    assert!(std::path::Path::new(&variable("TMPDIR")).is_dir());
    assert_eq!(variable("CARGO_MANIFEST_DIR"), "", "the plane's own variables must not leak");
    let headers = &seen["headers"];
    assert_eq!(headers["lambda-runtime-invoked-function-arn"], "arn:aws:lambda:us-east-1:000000000000:function:fn");
    assert!(headers["lambda-runtime-trace-id"].as_str().unwrap().starts_with("Root=1-"));
}

#[tokio::test]
async fn the_deadline_is_the_timeout_from_now_on_the_wall_clock() {
    let world = World::new();
    world.create("fn", json!({ "Timeout": 20 })).await;
    let before = jiff::Timestamp::now().as_millisecond();
    let seen = world.invoke("fn", json!({ "do": "context" })).await.payload();
    let after = jiff::Timestamp::now().as_millisecond();
    let deadline: i64 = seen["headers"]["lambda-runtime-deadline-ms"].as_str().unwrap().parse().unwrap();
    assert!((before + 20_000..=after + 20_000).contains(&deadline), "{before} {deadline} {after}");
}

#[tokio::test]
async fn a_streamed_answer_is_collected() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let event = json!({ "stream": true, "text": "a longer text than nothing" });
    let answer = world.invoke("fn", event.clone()).await;
    assert_eq!(answer.payload(), event);
}

#[tokio::test]
async fn an_error_of_the_handler_is_the_payload_and_keeps_the_environment() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let before = world.invoke("fn", json!({ "do": "who" })).await.payload();
    let answer = world.invoke("fn", json!({ "do": "fail", "because": "no luck" })).await;
    assert!(answer.failed());
    assert_eq!(answer.payload(), json!({ "errorType": "ValueError", "errorMessage": "no luck" }));
    assert_eq!(world.invoke("fn", json!({ "do": "who" })).await.payload(), before);
}

#[test_case(json!({ "do": "exit", "status": 3 }), "Runtime exited with error: exit status 3"; "status")]
#[test_case(json!({ "do": "exit", "status": 0 }), "Runtime exited without providing a reason"; "clean")]
#[test_case(json!({ "do": "kill" }), "Runtime exited with error: signal: killed"; "signal")]
#[tokio::test]
async fn a_crash_is_reported_and_the_environment_replaced(event: serde_json::Value, message: &str) {
    let world = World::new();
    world.create("fn", json!({})).await;
    let before = world.invoke("fn", json!({ "do": "who" })).await.payload();
    let answer = world.invoke("fn", event).await;
    assert!(answer.failed());
    assert_eq!(answer.payload()["errorType"], "Runtime.ExitError");
    let told = answer.payload()["errorMessage"].as_str().unwrap().to_owned();
    assert!(told.starts_with("RequestId: ") && told.ends_with(&format!(" Error: {message}")), "{told}");
    assert!(answer.log().contains("\tStatus: error\tError Type: Runtime.ExitError"), "{}", answer.log());
    let after = world.invoke("fn", json!({ "do": "who" })).await.payload();
    assert_ne!(before["pid"], after["pid"]);
}

#[tokio::test]
async fn a_process_that_leaves_between_invocations_costs_nobody_an_error() {
    let world = World::new();
    world.create("fn", json!({})).await;
    for _ in 0..3 {
        let answer = world.invoke("fn", json!({ "do": "echo", "then": "exit" })).await;
        assert!(!answer.failed(), "{}", answer.payload());
    }
}

#[tokio::test]
async fn a_timeout_kills_the_process_and_says_so() {
    let world = World::new();
    world.create("fn", json!({ "Timeout": 1 })).await;
    let answer = world.invoke("fn", json!({ "do": "hang" })).await;
    assert!(answer.failed());
    assert_eq!(answer.payload()["errorType"], "Sandbox.Timedout");
    let told = answer.payload()["errorMessage"].as_str().unwrap().to_owned();
    assert!(told.ends_with("Error: Task timed out after 1.00 seconds"), "{told}");
    let log = answer.log();
    assert!(log.contains("\nhanging\n") && log.contains("Task timed out after 1.00 seconds\n"), "{log}");
    assert!(log.contains("\tStatus: timeout"), "{log}");
    until("the process is gone", async || world.hub.processes.is_empty().then_some(())).await;
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_an_error() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let answer = world.invoke("fn", json!({ "do": "large", "size": 6_400_000 })).await;
    assert!(answer.failed());
    assert_eq!(answer.payload()["errorType"], "Function.ResponseSizeTooLarge");
    assert!(!world.invoke("fn", json!({})).await.failed());
}

#[test_case(&[("other", 0o755, "x")], "Couldn't find valid bootstrap(s)"; "none")]
#[test_case(&[("bootstrap", 0o644, "#!/bin/sh\n")], "permission denied"; "not executable")]
#[test_case(&[("bootstrap", 0o755, "no program\n")], "exec format error"; "no program")]
#[tokio::test]
async fn a_package_without_a_bootstrap_that_runs_fails_when_it_is_invoked(files: &[(&str, u32, &str)], why: &str) {
    let world = World::new();
    world.create("fn", json!({ "Code": { "ZipFile": package(files) } })).await;
    let answer = world.invoke("fn", json!({})).await;
    assert!(answer.failed());
    assert_eq!(answer.payload()["errorType"], "Runtime.InvalidEntrypoint");
    assert!(answer.payload()["errorMessage"].as_str().unwrap().contains(why), "{}", answer.payload());
}

fn init_settings(world: &World, mode: &str, timeout: u64) -> serde_json::Value {
    let marker = world.path("marker");
    json!({ "Timeout": timeout, "Environment": { "Variables": { "INIT": mode, "MARKER": marker } } })
}

#[tokio::test]
async fn an_initialization_over_its_limit_is_tried_again_within_the_invocation() {
    let world = World::with(Limits { init: Duration::from_secs(1), ..Limits::default() });
    // The shell is up long before the limit, on a busy machine too; Python may not be.
    let first_hangs = "#!/bin/sh\nif [ ! -e \"$MARKER\" ]; then : > \"$MARKER\"; sleep 600; fi\nexec ./function\n";
    let files = [("bootstrap", 0o755, first_hangs), ("function", 0o755, &bootstrap())];
    let settings = json!({
        "Code": { "ZipFile": package(&files) }, "Environment": { "Variables": { "MARKER": world.path("marker") } },
    });
    world.create("fn", settings).await;
    let answer = world.invoke("fn", json!({ "do": "echo" })).await;
    assert_eq!(answer.payload(), json!({ "do": "echo" }));
    assert!(answer.log().contains("Phase: init\tStatus: timeout"), "{}", answer.log());
}

#[tokio::test]
async fn an_initialization_that_never_ends_times_out_with_the_invocation() {
    let world = World::with(Limits { init: Duration::from_millis(300), ..Limits::default() });
    world.create("fn", init_settings(&world, "hang", 1)).await;
    let answer = world.invoke("fn", json!({})).await;
    assert!(answer.failed());
    assert_eq!(answer.payload()["errorType"], "Sandbox.Timedout");
}

#[test_case("exit", "Runtime.ExitError", "exit status 7"; "crash")]
#[test_case("error", "Config.Missing", "no TABLE_NAME"; "reported")]
#[tokio::test]
async fn an_initialization_that_fails_is_tried_twice_and_then_reported(mode: &str, error_type: &str, message: &str) {
    let world = World::new();
    world.create("fn", init_settings(&world, mode, 30)).await;
    let answer = world.invoke("fn", json!({})).await;
    assert!(answer.failed());
    assert_eq!(answer.payload()["errorType"], error_type);
    assert!(answer.payload()["errorMessage"].as_str().unwrap().contains(message), "{}", answer.payload());
    assert_eq!(std::fs::read_to_string(world.path("marker")).unwrap(), "xx");
    assert!(
        answer.log().contains(&format!("Phase: init\tStatus: error\tError Type: {error_type}")),
        "{}",
        answer.log()
    );
}

#[tokio::test]
async fn concurrent_invocations_run_in_environments_of_their_own() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let place = world.path("meeting");
    std::fs::create_dir(&place).unwrap();
    let event = json!({ "do": "meet", "place": place, "count": 3 });
    let (a, b, c) = tokio::join!(
        world.invoke("fn", event.clone()),
        world.invoke("fn", event.clone()),
        world.invoke("fn", event.clone())
    );
    let pids: std::collections::BTreeSet<i64> =
        [a, b, c].iter().map(|answer| answer.payload()["pid"].as_i64().unwrap()).collect();
    assert_eq!(pids.len(), 3);
    assert_eq!(world.lambda.registry().functions["fn"].latest.runnable.pool.idle(), 3);
}

#[tokio::test]
async fn idle_environments_end_after_a_while() {
    let world = World::with(Limits { idle: Duration::from_millis(40), ..Limits::default() });
    world.create("fn", json!({})).await;
    world.invoke("fn", json!({})).await;
    until("no process is left", async || world.hub.processes.is_empty().then_some(())).await;
    assert!(!world.invoke("fn", json!({})).await.failed());
}

fn extension(events: &str) -> serde_json::Value {
    json!({ "Environment": { "Variables": { "EXTENSION": events } } })
}

#[tokio::test]
async fn an_environment_with_an_extension_is_told_before_its_end() {
    let world = World::new();
    world.create("fn", extension("[]")).await;
    world.invoke("fn", json!({})).await;
    world.hub.service("lambda").unwrap().shutdown().await;
    let log = until("the last line is stored", async || {
        Some(world.log("fn").await).filter(|log| log.iter().any(|line| line == "told to end"))
    })
    .await;
    let registered = log.iter().find_map(|line| line.strip_prefix("registered 200 ")).unwrap();
    let facts: serde_json::Value = serde_json::from_str(registered).unwrap();
    assert_eq!(facts, json!({ "functionName": "fn", "functionVersion": "$LATEST", "handler": "bootstrap" }));
    assert!(world.hub.processes.is_empty());
}

#[tokio::test]
async fn a_version_that_is_replaced_while_it_runs_is_told_and_heard_too() {
    let world = World::new();
    world.create("fn", extension("[]")).await;
    let place = world.path("meeting");
    std::fs::create_dir(&place).unwrap();
    let running = world.invoke("fn", json!({ "do": "meet", "place": place, "count": 2 }));
    let replacing = async {
        until("it runs", async || std::fs::read_dir(&place).unwrap().next().map(drop)).await;
        let change = json!({ "FunctionName": "fn", "MemorySize": 256 });
        world.done("UpdateFunctionConfiguration", change).await;
        std::fs::write(place.join("go"), "").unwrap();
    };
    let (answer, ()) = tokio::join!(running, replacing);
    assert!(!answer.failed());
    until("the last line is stored", async || {
        world.log("fn").await.iter().any(|line| line == "told to end").then_some(())
    })
    .await;
}

#[test_case(r#"["SHUTDOWN"]"#, "registered 403", "ShutdownEventNotSupportedForInternalExtension"; "what aws refuses")]
#[test_case(r#"["INVOKE"]"#, "registered 501", "not run on the local plane"; "what the plane does not run")]
#[tokio::test]
async fn an_extension_that_wants_events_is_refused_and_the_end_comes_untold(events: &str, line: &str, why: &str) {
    let world = World::new();
    world.create("fn", extension(events)).await;
    let log = world.invoke("fn", json!({ "do": "say", "lines": ["ready"] })).await.log();
    assert!(log.lines().any(|text| text.starts_with(line) && text.contains(why)), "{log}");
    assert!(
        log.lines().any(|text| text.starts_with("next 403") && text.contains("UnknownExtensionIdentifier")),
        "{log}"
    );
    world.hub.service("lambda").unwrap().shutdown().await;
    assert!(world.hub.processes.is_empty());
    assert!(world.log("fn").await.iter().all(|line| line != "told to end"));
}

#[tokio::test]
async fn environments_end_with_their_function_and_with_the_plane() {
    let world = World::new();
    for name in ["one", "two"] {
        world.create(name, json!({})).await;
        world.invoke(name, json!({})).await;
    }
    assert_eq!(world.hub.processes.len(), 2);
    world.done("DeleteFunction", json!({ "FunctionName": "one" })).await;
    until("the deleted function's process ends", async || (world.hub.processes.len() == 1).then_some(())).await;
    world.hub.service("lambda").unwrap().shutdown().await;
    assert!(world.hub.processes.is_empty());
}

#[tokio::test]
async fn new_code_and_settings_get_a_new_environment() {
    let world = World::new();
    world.create("fn", json!({ "Environment": { "Variables": { "WORD": "old" } } })).await;
    assert_eq!(world.invoke("fn", json!({ "do": "who" })).await.payload()["word"], "old");
    let change = json!({ "FunctionName": "fn", "Environment": { "Variables": { "WORD": "new" } } });
    world.done("UpdateFunctionConfiguration", change).await;
    assert_eq!(world.invoke("fn", json!({ "do": "who" })).await.payload()["word"], "new");
}

#[tokio::test]
async fn the_json_log_format_has_platform_records() {
    let world = World::new();
    let logging = json!({ "LogFormat": "JSON", "ApplicationLogLevel": "WARN", "LogGroup": "/own/group" });
    world.create("fn", json!({ "LoggingConfig": logging })).await;
    let seen = world.invoke("fn", json!({ "do": "context" })).await;
    assert_eq!(seen.payload()["environment"]["AWS_LAMBDA_LOG_FORMAT"], "JSON");
    assert_eq!(seen.payload()["environment"]["AWS_LAMBDA_LOG_LEVEL"], "WARN");
    assert_eq!(seen.payload()["environment"]["AWS_LAMBDA_LOG_GROUP_NAME"], "/own/group");
    let records: Vec<serde_json::Value> = seen.log().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = records.iter().map(|record| record["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["platform.initStart", "platform.start", "platform.report"]);
    assert_eq!(records[2]["record"]["status"], "success");
    assert!(records[2]["record"]["metrics"]["initDurationMs"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn code_comes_from_s3_too() {
    let world = World::new();
    let zip = function("x", json!({}))["Code"]["ZipFile"].as_str().unwrap().to_owned();
    let body = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, zip).unwrap();
    let object = crate::core::StoredObject { body: body.into(), ..Default::default() };
    world.hub.objects().unwrap().create_bucket("bucket").await.unwrap();
    world.hub.objects().unwrap().put("bucket", "functions/a.zip", object).await.unwrap();
    let code = json!({ "S3Bucket": "bucket", "S3Key": "functions/a.zip" });
    world.create("fn", json!({ "Code": code })).await;
    assert!(!world.invoke("fn", json!({})).await.failed());
    let missing = function("gone", json!({ "Code": { "S3Bucket": "bucket", "S3Key": "none" } }));
    assert_eq!(world.refused("CreateFunction", missing).await, ("InvalidParameterValueException".to_owned(), 400));
}
