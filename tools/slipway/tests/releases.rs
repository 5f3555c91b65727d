//! `slipway releases` and `slipway show` as people run them, against a plane with a table of releases.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::process::{Command, Output};

use serde_json::{Value, json};
use slipway_local::Plane;
use slipway_local::core::Caller;
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::release::{
    AwsReleases, Content, ReleaseRecord, ReleaseState, StageKey, StageState, WriteReleases as _,
};

mod shop;

/// The program's streams and exit code.
async fn slipway(plane: &Plane, verb: &str, arguments: &[&str]) -> (String, String, i32) {
    let endpoint = plane.endpoint().to_owned();
    let arguments: Vec<String> =
        [verb, "--endpoint", &endpoint].iter().chain(arguments).map(ToString::to_string).collect();
    let run = move || Command::new(env!("CARGO_BIN_EXE_slipway")).args(arguments).env_clear().output().unwrap();
    let Output { stdout, stderr, status } = tokio::task::spawn_blocking(run).await.unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap(), status.code().unwrap())
}

async fn table(plane: &Plane) -> AwsReleases {
    let input = json!({ "StackName": "shop" });
    let described = plane.hub().call_as(&Caller::root(), "cloudformation", "DescribeStacks", input).await.unwrap();
    let outputs = described["Stacks"][0]["Outputs"].as_array().unwrap();
    let output = outputs.iter().find(|output| output["OutputKey"] == "ReleasesTableName").unwrap();
    let settings = AwsSettings::from_env(&[
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", plane.endpoint()),
    ]);
    AwsReleases::new(aws::dynamodb(&settings.unwrap()), output["OutputValue"].as_str().unwrap())
}

fn record(release: &str, minute: u8, state: ReleaseState, reason: &str) -> ReleaseRecord {
    let at = format!("2026-11-20T10:{minute:02}:00Z").parse().unwrap();
    let mut record = ReleaseRecord::entered(release, "rolodex", "rolodex-production", at);
    record.commit = Some("b".repeat(40));
    record.content =
        Some(Content { release: format!("{minute:02}").repeat(32), commit: "b".repeat(40), manifest: None });
    if state == ReleaseState::Succeeded {
        record.become_state(ReleaseState::Executing, None, at).unwrap();
    }
    record.become_state(state, Some(reason.into()), at).unwrap();
    record
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn releases_are_listed_by_stage_and_one_is_shown_whole() {
    let (plane, _) = shop::open().await;
    assert_eq!(slipway(&plane, "releases", &[]).await, (String::new(), "nothing was released yet\n".into(), 0));
    let stage = StageKey::new(&"rolodex".parse().unwrap(), &"production".parse().unwrap());
    let good = record("e-good", 1, ReleaseState::Succeeded, "the stack is UPDATE_COMPLETE");
    let bad = record("e-bad", 2, ReleaseState::Failed, "the canary failed");
    let mut state = StageState::default();
    state.goes_live(&good, good.entered_at);
    table(&plane).await.write_stage(&stage, 0, &state, &[&good, &bad]).await.unwrap();

    let (told, errors, code) = slipway(&plane, "releases", &[]).await;
    assert_eq!((errors.as_str(), code), ("", 0));
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "rolodex/production");
    let line = |id: &str| lines.iter().position(|line| line.contains(id)).unwrap();
    assert!(line("e-bad") < line("e-good"), "{told}");
    assert!(lines[line("e-good")].contains("live") && lines[line("e-bad")].contains("the canary failed"), "{told}");

    let (told, _, code) =
        slipway(&plane, "releases", &["--json", "--limit", "1", "--stage", "rolodex/production"]).await;
    let newest: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &newest["executionId"], &newest["stage"]), (0, &json!("e-bad"), &json!("rolodex/production")));
    let (told, errors, code) = slipway(&plane, "releases", &["--stage", "rolodex/moon"]).await;
    assert_eq!((told.as_str(), errors.contains("nothing was released to rolodex/moon"), code), ("", true, 1));

    // By its digest.
    let (told, errors, code) = slipway(&plane, "show", &["010101"]).await;
    assert_eq!((errors.as_str(), code), ("", 0));
    for part in [
        "Release     e-good",
        "State       succeeded, live",
        "Stage       rolodex/production, stack rolodex-production",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    // By its commit, of several the newest.
    let (told, ..) = slipway(&plane, "show", &["bbbbbbbb", "--json"]).await;
    let shown: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&shown["executionId"], &shown["state"], &shown["role"]),
        (&json!("e-bad"), &json!("failed"), &Value::Null)
    );
    let (told, errors, code) = slipway(&plane, "show", &["nothing"]).await;
    assert_eq!((told.as_str(), errors.contains("there is no release nothing"), code), ("", true, 1));
    plane.shutdown().await;
}
