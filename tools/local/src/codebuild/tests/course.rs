//! The course of builds: their queue, their end, and what is published of them.

use test_case::test_case;

use super::*;

#[tokio::test]
async fn a_stopped_build_leaves_no_process_and_says_stopped() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['sleep 600 & sleep 600'], finally: ['echo never']}}\n";
    let id = world.started(json!({ "buildspecOverride": spec })).await;
    while world.build(&id).await["currentPhase"] != "BUILD" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(world.hub.processes.len(), 1);
    world.ask("StopBuild", json!({ "id": id })).await.unwrap();
    while world.build(&id).await["buildComplete"] != true {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let build = world.build(&id).await;
    assert_eq!((&build["buildStatus"], &phase(&build, "BUILD")["phaseStatus"]), (&json!("STOPPED"), &json!("STOPPED")));
    assert!(world.hub.processes.is_empty());
}

#[tokio::test]
async fn builds_of_a_project_run_one_after_the_other() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['test ! -e lock && touch lock && sleep 0.05 && rm lock']}}\n";
    let run = || world.run(json!({ "buildspecOverride": spec }));
    let (one, two, three) = tokio::join!(run(), run(), run());
    for build in [one, two, three] {
        assert_eq!(build["buildStatus"], "SUCCEEDED", "{}", world.log(&build));
    }
    let listed = world.ask("ListBuildsForProject", json!({ "projectName": "app" })).await.unwrap();
    assert_eq!(listed["ids"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn states_and_phases_are_published_in_order_and_lines_go_to_the_log_service() {
    let world = World::start().await;
    world.project(json!({})).await;
    world.run_spec("version: 0.2\nphases: {build: {commands: ['echo to the service']}}\n").await;
    // The last event is published after the build shows as complete.
    let told = loop {
        let told: Vec<String> = world.published().iter().map(shown_event).collect();
        if told.last().is_some_and(|last| last == "SUCCEEDED") {
            break told;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(
        told.join(" "),
        "IN_PROGRESS SUBMITTED QUEUED PROVISIONING DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD \
         UPLOAD_ARTIFACTS FINALIZING SUCCEEDED"
    );
    assert!(world.lines().iter().any(|line| line["message"] == "to the service"));
}

#[test_case("version: 0.2\nphases: {}\nartifacts: {files: none}\n", "UPLOAD_ARTIFACTS", "no matching artifact paths"; "no artifact")]
#[test_case("version: 0.3\nphases: {}\n", "DOWNLOAD_SOURCE", "version 0.3 is not run"; "another version")]
#[test_case("other.yml", "DOWNLOAD_SOURCE", "/src/other.yml: no such file"; "no buildspec")]
#[tokio::test]
async fn what_is_wrong_fails_its_phase_with_the_reason(spec: &str, failing: &str, reason: &str) {
    let world = World::start().await;
    let artifacts = json!({ "type": "S3", "location": "artifacts", "packaging": "ZIP" });
    world.project(json!({ "artifacts": artifacts })).await;
    let build = world.run(json!({ "buildspecOverride": spec })).await;
    let failed = phase(&build, failing);
    assert_eq!(failed["phaseStatus"], "FAILED", "{build}");
    assert!(failed["contexts"][0]["message"].as_str().unwrap().contains(reason), "{failed}");
    assert_eq!(build["buildStatus"], "FAILED");
}

#[tokio::test]
async fn a_command_has_lines_comments_and_quotes() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        # a comment\n        if true; then\n          \
                echo \"it's a\" |\n            tr a-z A-Z\n        fi\n";
    let (build, log) = world.run_spec(spec).await;
    assert_eq!(build["buildStatus"], "SUCCEEDED");
    assert!(log.contains("\nIT'S A\n"), "{log}");
}

#[tokio::test]
async fn version_0_1_runs_each_command_in_a_shell_of_its_own() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec =
        "version: 0.1\nphases:\n  build:\n    commands:\n      - X=1; export Y=1; cd /\n      - echo \"<$X$Y> $PWD\"\n";
    let (build, log) = world.run_spec(spec).await;
    assert_eq!(build["buildStatus"], "SUCCEEDED");
    let at = world.directory.path().join("plane/codebuild/app/src");
    assert!(log.contains(&format!("\n<> {}\n", at.display())), "{log}");
}

#[tokio::test]
async fn a_project_with_a_source_that_is_not_fetched_is_kept_and_no_build_of_it_starts() {
    let world = World::start().await;
    world.project(json!({ "source": { "type": "GITHUB", "location": "https://example.com/a.git" } })).await;
    let error = world.ask("StartBuild", json!({ "projectName": "app" })).await.unwrap_err();
    assert!(error.is("NotImplemented") && error.message.contains("GITHUB"), "{error}");
}

#[tokio::test]
async fn a_build_shows_what_aws_fills_in() {
    let world = World::start().await;
    world.project(json!({})).await;
    let started = world.ask("StartBuild", json!({ "projectName": "app" })).await.unwrap()["build"].clone();
    assert_eq!((&started["currentPhase"], &started["buildStatus"]), (&json!("QUEUED"), &json!("IN_PROGRESS")));
    assert_eq!(started["phases"][0]["phaseStatus"], "SUCCEEDED");
    assert_eq!(started["artifacts"], json!({ "location": "" }));
    assert_eq!(started["cache"], json!({ "type": "NO_CACHE" }));
    assert_eq!(started["encryptionKey"], "arn:aws:kms:us-east-1:000000000000:alias/aws/s3");
    assert_eq!(
        started["environment"],
        json!({
            "type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [], "privilegedMode": false, "imagePullCredentialsType": "CODEBUILD",
        })
    );
    assert_eq!(started["logs"]["s3Logs"]["status"], "DISABLED");
    for empty in ["secondarySources", "secondarySourceVersions", "secondaryArtifacts"] {
        assert_eq!(started[empty], json!([]), "{empty}");
    }
}

#[tokio::test]
async fn logs_go_where_the_project_says() {
    let world = World::start().await;
    let logs = json!({ "cloudWatchLogs": { "status": "ENABLED", "groupName": "g", "streamName": "s" } });
    world.project(json!({ "logsConfig": logs })).await;
    let build = world.run(json!({})).await;
    let stream = format!("s/{}", build["id"].as_str().unwrap().rsplit(':').next().unwrap());
    assert_eq!((&build["logs"]["groupName"], &build["logs"]["streamName"]), (&json!("g"), &json!(stream)));
    let before = world.lines().len();
    let disabled = json!({ "cloudWatchLogs": { "status": "DISABLED" } });
    let build = world.run(json!({ "logsConfigOverride": disabled })).await;
    assert_eq!(build["logs"]["cloudWatchLogs"], json!({ "status": "DISABLED" }));
    assert_eq!(world.lines().len(), before);
}

#[tokio::test]
async fn a_build_is_run_again_and_forgotten() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['echo again']}}\n";
    let (first, _) = world.run_spec(spec).await;
    let again = world.ask("RetryBuild", json!({ "id": first["id"] })).await.unwrap()["build"].clone();
    assert_eq!((&again["buildNumber"], &again["source"]), (&json!(2), &first["source"]));
    let id = again["id"].as_str().unwrap().to_owned();
    while world.build(&id).await["buildComplete"] != true {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let asked = json!({ "ids": [first["arn"], "app:unknown"] });
    let deleted = world.ask("BatchDeleteBuilds", asked).await.unwrap();
    assert_eq!(deleted["buildsDeleted"], json!([first["arn"]]));
    assert_eq!(deleted["buildsNotDeleted"][0]["statusCode"], "BUILD_NOT_FOUND");
    let found = world.ask("BatchGetBuilds", json!({ "ids": [first["id"], id] })).await.unwrap();
    assert_eq!((found["builds"].as_array().unwrap().len(), &found["buildsNotFound"]), (1, &json!([first["id"]])));
}

#[tokio::test]
async fn an_invalidated_cache_is_not_there_for_the_next_build() {
    let world = World::start().await;
    world.project(json!({ "cache": { "type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"] } })).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['ls kept || true', 'mkdir -p kept; touch kept/file']}}\n\
                cache: {paths: ['kept/**/*']}\n";
    world.run_spec(spec).await;
    assert!(world.run_spec(spec).await.1.contains("\nfile\n"));
    world.ask("InvalidateProjectCache", json!({ "projectName": "app" })).await.unwrap();
    assert!(!world.run_spec(spec).await.1.contains("\nfile\n"));
}

#[tokio::test]
async fn a_buildspec_may_lie_in_a_bucket() {
    let world = World::start().await;
    let body = Bytes::from_static(b"version: 0.2\nphases: {build: {commands: ['echo from the bucket']}}\n");
    world
        .hub
        .objects()
        .unwrap()
        .put("artifacts", "specs/b.yml", StoredObject { body, ..StoredObject::default() })
        .await
        .unwrap();
    world
        .project(json!({ "source": { "type": "NO_SOURCE", "buildspec": "arn:aws:s3:::artifacts/specs/b.yml" } }))
        .await;
    let build = world.run(json!({})).await;
    assert!(world.log(&build).contains("\nfrom the bucket\n"));
}
