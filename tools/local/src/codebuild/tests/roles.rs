//! The role that a build acts as.

use super::*;

#[tokio::test]
async fn a_build_acts_as_its_role() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['echo key=$AWS_ACCESS_KEY_ID']}}\n";
    let (_, log) = world.run_spec(spec).await;
    let key = log.lines().find_map(|line| line.strip_prefix("key=")).unwrap();
    let issued = world.hub.authority().unwrap().issued(key).unwrap();
    let arn = crate::core::Caller::from(issued.principal).arn("000000000000");
    assert!(arn.starts_with("arn:aws:sts::000000000000:assumed-role/build/AWSCodeBuild-"), "{arn}");
}

#[tokio::test]
async fn a_role_that_does_not_let_codebuild_in_fails_the_build_before_it_begins() {
    let world = World::start().await;
    world.project(json!({ "serviceRole": "arn:aws:iam::000000000000:role/none" })).await;
    let build = world.run(json!({})).await;
    let phases = build["phases"].as_array().unwrap();
    let failed = phases.iter().find(|phase| phase["phaseStatus"] == "FAILED").unwrap();
    assert_eq!(
        (&failed["phaseType"], &failed["contexts"][0]["statusCode"]),
        (&json!("PROVISIONING"), &json!("ACCESS_DENIED"))
    );
}

#[tokio::test]
async fn a_source_that_the_role_may_not_read_fails_the_build() {
    let world = World::start().await;
    world.store("source.zip", &[("buildspec.yml", "version: 0.2\nphases: {}\n")]).await;
    world.policy("no-objects", "Deny", "s3:GetObject").await;
    world.project(json!({ "source": { "type": "S3", "location": "artifacts/source.zip" } })).await;
    let build = world.run(json!({})).await;
    let failed = build["phases"].as_array().unwrap().iter().find(|phase| phase["phaseStatus"] == "FAILED").unwrap();
    assert_eq!(failed["phaseType"], "DOWNLOAD_SOURCE", "{build}");
}
