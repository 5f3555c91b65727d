//! `slipway override` as people run it, against a plane with a ledger and an alarm that a deployment group reads.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::process::{Command, Output};

use serde_json::{Value, json};
use slipway_local::Plane;

mod shop;

/// The program's streams and exit code.
async fn overriding(plane: &Plane, arguments: &[&str]) -> (String, String, i32) {
    let endpoint = plane.endpoint().to_owned();
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let run = move || {
        Command::new(env!("CARGO_BIN_EXE_slipway"))
            .args(["override", "--endpoint", &endpoint])
            .args(arguments)
            .env_clear()
            .output()
            .unwrap()
    };
    let Output { stdout, stderr, status } = tokio::task::spawn_blocking(run).await.unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap(), status.code().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_override_is_kept_listed_and_lifted() {
    let (plane, alarm) = shop::open().await;
    let (out, err, code) = overriding(&plane, &[&alarm, "--until", "2h", "--reason", "the {{fix}}"]).await;
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with(&format!("alarm {alarm} is overridden until ")), "{out}");
    assert!(err.contains("deployment groups that read it now: shop/orders"), "{err}");

    let (out, _, code) = overriding(&plane, &["--json"]).await;
    let listed: Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!((code, &listed["alarm"], &listed["reason"]), (0, &json!(alarm), &json!("the {{fix}}")));
    assert_eq!(listed["resource"], json!({ "stack": "shop", "logicalId": "Slow" }));
    assert!(listed["by"].as_str().unwrap().ends_with(":root"), "{listed}");

    assert_eq!(overriding(&plane, &[&alarm, "--lift", "--reason", "it is mended"]).await.2, 0);
    let (out, err, code) = overriding(&plane, &[]).await;
    assert_eq!((out.as_str(), err.trim(), code), ("", "no alarm is overridden", 0));
    let (_, err, code) = overriding(&plane, &[&alarm, "--lift", "--reason", "again"]).await;
    assert_eq!((err.contains("no override of"), code), (true, 1), "{err}");
    plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_override_of_nothing_without_end_or_without_reason_is_refused() {
    let (plane, alarm) = shop::open().await;
    let cases: [(&[&str], &str, i32); 5] = [
        (&["nothing", "--until", "2h", "--reason", "so"], "there is no metric alarm nothing", 1),
        (&[&alarm, "--until", "8000h", "--reason", "so"], "at most 7 days", 2),
        (&[&alarm, "--until", "2h"], "--reason", 2),
        (&[&alarm, "--reason", "so"], "--until", 2),
        (&[&alarm, "--until", "2h", "--reason", " "], "--reason", 2),
    ];
    for (arguments, why, code) in cases {
        let (out, err, exit) = overriding(&plane, arguments).await;
        assert_eq!((out.as_str(), err.contains(why), exit), ("", true, code), "{arguments:?}: {err}");
    }
    plane.shutdown().await;
}
