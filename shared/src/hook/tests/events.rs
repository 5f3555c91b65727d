//! The events of `events/codedeploy`, each as what a hook makes of it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use test_case::test_case;

use crate::hook::{HookEvent, Malformed, Unanswerable};

fn read(case: &str) -> Result<HookEvent, Unanswerable> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/codedeploy");
    let text = fs::read_to_string(directory.join(case)).unwrap();
    HookEvent::read(&serde_json::from_str::<Value>(&text).unwrap())
}

#[test_case("hook.json", "d-deploymentId")]
#[test_case("hook-with-extra-members.json", "d-BHXOYL6SK")]
fn is_judged(case: &str, deployment: &str) {
    let event = read(case).unwrap();
    assert_eq!(event.deployment.unwrap().as_str(), deployment);
    assert_eq!(event.address.deployment_id, deployment);
    assert!(event.address.execution_id.as_str().starts_with("eyJlbmNyeXB0ZWREYXRhIjoi"));
}

#[test_case("hook-in-camel-case.json", Malformed::Form, "d-BHXOYL6SK")]
#[test_case("hook-wrapped.json", Malformed::Form, "d-BHXOYL6SK")]
#[test_case("hook-with-malformed-deployment-id.json", Malformed::DeploymentId, "../../d-BHXOYL6SK")]
fn is_answered_though_not_judged(case: &str, malformed: Malformed, deployment: &str) {
    let event = read(case).unwrap();
    assert_eq!(event.deployment, Err(malformed));
    assert_eq!(event.address.deployment_id, deployment);
    assert_eq!(event.address.execution_id.as_str(), "eyJlbmNyeXB0ZWREYXRhIjoiQUJD");
}

#[test_case("hook-without-deployment-id.json", Unanswerable::DeploymentId)]
#[test_case("hook-without-execution-id.json", Unanswerable::ExecutionId)]
#[test_case("hook-with-ids-of-other-types.json", Unanswerable::DeploymentId)]
#[test_case("hook-not-an-object.json", Unanswerable::DeploymentId)]
fn cannot_be_answered(case: &str, unanswerable: Unanswerable) {
    assert_eq!(read(case), Err(unanswerable));
}
