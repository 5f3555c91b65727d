//! The manifest of a release: stored under its content, passed to the stack, named in the record.

use slipway_shared::manifest::Manifest;
use slipway_shared::objects::ObjectLocation;
use slipway_shared::release::{Content, ReleaseState};

use crate::world::{BUCKET, EXECUTION, STACK, TEMPLATE, World, artifact};

const MANIFEST: &str = "application: shop\nfunctions: {Api: {suite: suites/api.yaml}}\n";
const SUITE: &str = "checks: [{name: a, kind: invoke, event: {}, expect: {statusCode: 200}}]\n";

fn template() -> String {
    TEMPLATE.replace("Parameters:\n", "Parameters:\n  Manifest: {Type: String, Default: none}\n")
}

fn build(world: &World, execution_id: &str, minute: u8, manifest: &[(&str, &str)]) {
    let template = template();
    let mut files = vec![("template.yaml", template.as_str()), ("target/lambda/api/bootstrap", "code")];
    files.extend(manifest);
    world.build_artifact(execution_id, minute, artifact(&files));
}

async fn content(world: &World, execution_id: &str) -> Content {
    world.succeed(execution_id).await.unwrap();
    world.record(execution_id).content.unwrap()
}

#[tokio::test]
async fn a_release_carries_its_manifest_with_all_that_it_names() {
    let world = World::ready();
    build(&world, EXECUTION, 0, &[("slipway.yaml", MANIFEST), ("suites/api.yaml", SUITE)]);
    let key = content(&world, EXECUTION).await.manifest.unwrap();
    assert_eq!(world.objects.puts(BUCKET, "manifests/"), [(key.clone(), 1)]);
    let stored = world.objects.content(&ObjectLocation::new(BUCKET, &key)).unwrap();
    let manifest = Manifest::parse(std::str::from_utf8(&stored).unwrap()).unwrap();
    assert_eq!(manifest.functions["Api"].suite.checks[0].name, "a");
    assert_eq!(world.stacks.executing(STACK).unwrap().parameters["Manifest"], Some(key));
}

#[tokio::test]
async fn another_suite_is_another_release_and_another_layout_of_the_same_is_not() {
    let world = World::ready();
    let suites = [SUITE.to_owned(), SUITE.replace("name: a, ", "name: \"a\",   "), SUITE.replace("200", "201")];
    let mut contents = Vec::new();
    for (number, suite) in (0_u8..).zip(&suites) {
        let execution = format!("execution-{number}");
        build(&world, &execution, number, &[("slipway.yaml", MANIFEST), ("suites/api.yaml", suite)]);
        contents.push(content(&world, &execution).await);
        world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    }
    assert_eq!((&contents[0].release, &contents[0].manifest), (&contents[1].release, &contents[1].manifest));
    assert_ne!(contents[0].release, contents[2].release);
    assert_ne!(contents[0].manifest, contents[2].manifest);
}

#[tokio::test]
async fn a_manifest_with_faults_fails_the_release_and_names_their_places() {
    let world = World::ready();
    build(&world, EXECUTION, 0, &[("slipway.yaml", "application: shop\nfunctions: {Apu: {suite: missing.yaml}}\n")]);
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Failed);
    let reason = record.reason.unwrap();
    assert!(reason.contains("slipway.yaml:2:26: there is no file missing.yaml"), "{reason}");
    assert_eq!(world.objects.puts(BUCKET, "manifests/"), []);
}

#[tokio::test]
async fn without_a_manifest_no_earlier_one_stays() {
    let world = World::ready();
    world.stacks.set_parameter(STACK, "Manifest", "manifests/old.json");
    build(&world, EXECUTION, 0, &[]);
    assert_eq!(content(&world, EXECUTION).await.manifest, None);
    assert_eq!(world.stacks.executing(STACK).unwrap().parameters["Manifest"].as_deref(), Some("none"));
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Executing);
}

#[tokio::test]
async fn a_template_gets_the_guard_that_its_manifest_asks_for() {
    let world = World::ready();
    let manifest = format!("{MANIFEST}guard: {{}}\n");
    build(&world, EXECUTION, 0, &[("slipway.yaml", &manifest), ("suites/api.yaml", SUITE)]);
    let guarded = content(&world, EXECUTION).await;
    let template = format!("{:?}", world.stacks.executing(STACK).unwrap().template);
    assert!(template.contains("ApiTargetErrorsAlarm"), "{template}");
    assert!(template.contains(&format!("CodeDeployHook_{STACK}_pre-traffic")), "{template}");

    let bare = World::ready();
    build(&bare, EXECUTION, 0, &[("slipway.yaml", MANIFEST), ("suites/api.yaml", SUITE)]);
    assert_ne!(content(&bare, EXECUTION).await.release, guarded.release);
}

#[tokio::test]
async fn a_template_that_cannot_be_guarded_fails_the_release() {
    let world = World::ready();
    let manifest = format!("{MANIFEST}guard: {{}}\n");
    let taken = template().replace("Resources:\n", "Resources:\n  ApiThrottlesAlarm: {Type: 'AWS::SNS::Topic'}\n");
    let files = [
        ("template.yaml", taken.as_str()),
        ("target/lambda/api/bootstrap", "code"),
        ("slipway.yaml", &manifest),
        ("suites/api.yaml", SUITE),
    ];
    world.build_artifact(EXECUTION, 0, artifact(&files));
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Failed);
    assert!(record.reason.unwrap().contains("adds ApiThrottlesAlarm"));
}

/// A template of plain CloudFormation whose code is a folder of the artifact.
fn plain(world: &World, execution_id: &str, minute: u8, code: &str) {
    let template = "Resources:\n  Api:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: provided.al2023, Handler: a, Role: r, Code: api/}\n";
    let manifest = format!("{MANIFEST}guard: {{}}\n");
    let files =
        [("template.yaml", template), ("api/bootstrap", code), ("slipway.yaml", &manifest), ("suites/api.yaml", SUITE)];
    world.build_artifact(execution_id, minute, artifact(&files));
}

/// The logical id of the version in the template that is being executed.
fn version(world: &World) -> String {
    let template = format!("{:?}", world.stacks.executing(STACK).unwrap().template);
    let start = template.find("ApiVersion").unwrap();
    template[start..].chars().take_while(char::is_ascii_alphanumeric).collect()
}

#[tokio::test]
async fn a_plain_function_has_another_version_for_other_code_and_the_same_for_the_same() {
    let world = World::ready();
    let mut seen = Vec::new();
    for (number, code) in (0_u8..).zip(["one", "two", "one"]) {
        let execution = format!("execution-{number}");
        plain(&world, &execution, number, code);
        let release = content(&world, &execution).await.release;
        seen.push((release, version(&world)));
        world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    }
    assert_eq!(seen[0], seen[2]);
    assert_ne!(seen[0].1, seen[1].1);
}
