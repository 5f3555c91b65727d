//! Sources, caches and artifacts.

use super::*;

#[tokio::test]
async fn a_source_is_checked_out_cleanly_while_its_cache_stays() {
    let world = World::start().await;
    let spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - ls; cat kept/* || true\n      - mkdir -p kept && echo cached > kept/file\n      \
                - echo left > left.txt\n      - mkdir -p out && cp app.txt out/\nartifacts:\n  base-directory: out\n  files: ['**/*']\ncache:\n  paths: ['kept/**/*']\n";
    world
        .project(json!({
            "source": { "type": "S3", "location": "artifacts/source.zip" },
            "artifacts": { "type": "S3", "location": "artifacts", "path": "built", "name": "app.zip", "packaging": "ZIP" },
            "cache": { "type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"] },
        }))
        .await;
    world.store("source.zip", &[("buildspec.yml", spec), ("app.txt", "one"), ("old.txt", "")]).await;
    let build = world.run(json!({})).await;
    assert_eq!(build["buildStatus"], "SUCCEEDED", "{}", world.log(&build));
    assert_eq!(world.stored("built/app.zip").await, [("app.txt".to_owned(), "one".to_owned())]);
    assert_eq!(build["artifacts"]["location"], "arn:aws:s3:::artifacts/built/app.zip");

    world.store("source.zip", &[("buildspec.yml", spec), ("app.txt", "two")]).await;
    let build = world.run(json!({})).await;
    let log = world.log(&build);
    assert!(log.contains("\ncached\n") && !log.contains("\nold.txt\n"), "{log}");
    assert!(!log.lines().any(|line| line == "left.txt"), "{log}");
    assert!(log.contains("1 files written"), "{log}");
    assert_eq!(world.stored("built/app.zip").await, [("app.txt".to_owned(), "two".to_owned())]);
}

#[tokio::test]
async fn a_pipeline_hands_over_its_artifacts_by_overrides() {
    let world = World::start().await;
    world.project(json!({ "source": { "type": "CODEPIPELINE" }, "artifacts": { "type": "CODEPIPELINE" } })).await;
    let direct = world.ask("StartBuild", json!({ "projectName": "app" })).await.unwrap_err();
    assert!(direct.message.contains("started by its pipeline"), "{direct}");

    let spec = "version: 0.2\nphases: {build: {commands: ['cat $CODEBUILD_SRC_DIR_More/b.txt', 'echo $CODEBUILD_INITIATOR $CODEBUILD_RESOLVED_SOURCE_VERSION > made']}}\n\
                artifacts: {files: made}\n";
    world.store("in/one", &[("buildspec.yml", spec)]).await;
    world.store("in/two", &[("b.txt", "second source\n")]).await;
    let build = world
        .run(json!({
            "sourceTypeOverride": "S3", "sourceLocationOverride": "artifacts/in/one",
            "secondarySourcesOverride": [{ "type": "S3", "location": "artifacts/in/two", "sourceIdentifier": "More" }],
            "artifactsOverride": { "type": "S3", "location": "artifacts", "name": "slipway/BuildOutp/abc", "packaging": "ZIP" },
            "initiator": "codepipeline/slipway", "resolvedSourceVersion": "c0ffee",
        }))
        .await;
    let log = world.log(&build);
    assert!(log.contains("\nsecond source\n"), "{log}");
    let made = ("made".to_owned(), "codepipeline/slipway c0ffee\n".to_owned());
    assert_eq!(world.stored("slipway/BuildOutp/abc").await, [made]);
}
