//! From a pipeline's success to an executing change set.

use std::collections::BTreeMap;
use std::time::Duration;

use deploy_trigger::{Attempt, Checksums, Deadline, Report, release_from_event};
use slipway_shared::clock::Clock;
use slipway_shared::objects::ObjectLocation;
use slipway_shared::pipelines::PipelineExecution;
use slipway_shared::release::{Live, ReleaseState};
use slipway_shared::stacks::{ChangeSetKind, TemplateSource};
use test_case::test_case;

use crate::world::{BUCKET, EXECUTION, STACK, TEMPLATE, World, artifact, commit, zip};

#[tokio::test]
async fn a_first_release_makes_the_stack() {
    let mut world = World::empty();
    world.settings.parameters = BTreeMap::from([("Architecture".into(), "x86_64".into())]);
    world.build(EXECUTION, 0, "api one");
    world.succeed(EXECUTION).await.unwrap();
    let request = world.stacks.executing(STACK).unwrap();
    let record = world.record(EXECUTION);
    let content = record.content.unwrap();
    assert_eq!(request.kind, ChangeSetKind::Create);
    assert_eq!(request.name, format!("slipway-{EXECUTION}-{}", &content.release[..8]));
    assert_eq!(request.role_arn.as_deref(), Some("arn:aws:iam::111122223333:role/execution"));
    let given = |text: &str| Some(text.to_owned());
    let expected = [
        ("ApplicationName", given("slipway")),
        ("Architecture", given("x86_64")),
        ("Commit", given(&commit(EXECUTION))),
        ("Release", Some(content.release.clone())),
    ];
    assert_eq!(request.parameters, expected.map(|(key, value)| (key.to_owned(), value)).into());
    // What differs from release to release would change every resource of the stack.
    let tags = [("slipway:application", "slipway"), ("slipway:stage", "production")];
    assert_eq!(request.tags, tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    assert_eq!(record.previous, None);
}

#[tokio::test]
async fn an_update_keeps_what_the_stack_has_and_defaults_what_it_does_not() {
    let world = World::ready();
    world.stacks.set_parameter(STACK, "Architecture", "x86_64");
    world.succeed(EXECUTION).await.unwrap();
    let request = world.stacks.executing(STACK).unwrap();
    assert_eq!(request.kind, ChangeSetKind::Update);
    assert_eq!(request.parameters["Architecture"], None);
    assert!(!request.parameters.contains_key("Unheard"));
}

#[tokio::test]
async fn code_is_stored_once_under_its_content_and_the_template_points_to_it() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    let packages = world.objects.puts(BUCKET, "functions/");
    assert_eq!(packages.iter().map(|(_, puts)| *puts).collect::<Vec<_>>(), [1, 1]);
    let TemplateSource::Body(template) = world.stacks.executing(STACK).unwrap().template else {
        panic!("a short template")
    };
    for (key, _) in &packages {
        assert!(template.contains(&format!("s3://{BUCKET}/{key}")), "{template}");
    }
    assert!(!template.contains("target/lambda"), "{template}");
    assert_eq!(world.objects.puts(BUCKET, "templates/").len(), 1);
}

#[tokio::test]
async fn a_template_longer_than_a_body_is_passed_by_its_url() {
    let world = World::empty();
    let long =
        format!("{TEMPLATE}  Wide: {{Type: AWS::SSM::Parameter, Properties: {{Value: {}}}}}\n", "x".repeat(60_000));
    world.build_artifact(EXECUTION, 0, artifact(&[("template.yaml", &long), ("target/lambda/api/bootstrap", "a")]));
    world.succeed(EXECUTION).await.unwrap();
    let TemplateSource::Url(url) = world.stacks.executing(STACK).unwrap().template else { panic!("a long template") };
    assert!(url.starts_with("https://artifacts.s3.eu-west-1.amazonaws.com/templates/"), "{url}");
}

#[tokio::test]
async fn a_rebuild_of_the_same_code_is_the_same_release_and_executes_nothing() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    world.build("rebuild", 20, "api one");
    let report = world.succeed("rebuild").await.unwrap();
    assert!(matches!(report, Report::Release { state: ReleaseState::Unchanged, .. }), "{report:?}");
    let record = world.record("rebuild");
    assert_eq!(record.content, world.record(EXECUTION).content);
    assert_eq!(record.commit, Some(commit("rebuild")));
    assert_eq!(world.stacks.executions(), [EXECUTION]);
    assert_eq!(world.stacks.change_sets(STACK), [""; 0]);
    assert!(world.objects.puts(BUCKET, "functions/").iter().all(|(_, puts)| *puts == 1));
    assert_eq!(world.notifications.sent().len(), 2);
}

#[tokio::test]
async fn the_record_says_from_what_to_what() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    world.build("second", 20, "api two");
    world.succeed("second").await.unwrap();
    let record = world.record("second");
    assert_eq!(record.previous, world.record(EXECUTION).content);
    assert_ne!(record.content, record.previous);
    // Live is what users have, not what is on its way.
    let names = world.settings.names();
    let live = |name: &str| serde_json::from_str::<Live>(&world.parameters.value(name).unwrap()).unwrap();
    assert_eq!(live(&names.current()).execution_id, EXECUTION);
    assert_eq!(world.parameters.value(&names.previous()), None);
    world.end("UPDATE_COMPLETE").await;
    assert_eq!(Some(live(&names.current()).content), record.content);
    assert_eq!(live(&names.previous()).execution_id, EXECUTION);
}

#[tokio::test]
async fn the_same_success_five_times_at_once_makes_one_change_set() {
    let world = World::ready();
    let one = || world.succeed(EXECUTION);
    let reports = tokio::join!(one(), one(), one(), one(), one());
    let reports: Vec<Report> = [reports.0, reports.1, reports.2, reports.3, reports.4].map(Result::unwrap).into();
    assert_eq!(reports.iter().filter(|report| **report == Report::InHand).count(), 4, "{reports:?}");
    assert_eq!(world.fuse.calls().iter().filter(|call| **call == "CreateChangeSet").count(), 1);
    assert_eq!(world.stacks.executions(), [EXECUTION]);
}

#[tokio::test]
async fn a_change_by_hand_is_told_before_it_is_replaced() {
    let world = World::ready();
    world.stacks.set_updated(STACK, world.clock.now());
    world.succeed(EXECUTION).await.unwrap();
    // Nobody knows what was there before Slipway.
    assert_eq!(world.record(EXECUTION).changed_by_hand_at, None);
    world.end("UPDATE_COMPLETE").await;
    world.clock.advance(Duration::from_secs(60));
    let by_hand = world.clock.now();
    world.stacks.set_updated(STACK, by_hand);
    world.build("second", 20, "api two");
    world.succeed("second").await.unwrap();
    assert_eq!(world.record("second").changed_by_hand_at, Some(by_hand));
    world.end("UPDATE_COMPLETE").await;
    let message = world.notifications.sent().pop().unwrap().body;
    assert!(message.contains(&format!("By hand     somebody changed the stack at {by_hand}")), "{message}");
    world.build("third", 30, "api three");
    world.succeed("third").await.unwrap();
    assert_eq!(world.record("third").changed_by_hand_at, None);
}

#[tokio::test]
async fn a_duplicate_changes_nothing() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    let before = world.record(EXECUTION);
    let report = world.succeed(EXECUTION).await.unwrap();
    let executing = Report::Release { execution_id: EXECUTION.into(), state: ReleaseState::Executing, reason: None };
    assert_eq!(report, executing);
    assert_eq!(world.record(EXECUTION), before);
    assert_eq!(world.stacks.executions(), [EXECUTION]);
}

#[tokio::test]
async fn a_busy_stack_keeps_the_release_waiting_and_says_why() {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Waiting);
    assert_eq!(record.reason.as_deref(), Some("the stack is busy: UPDATE_IN_PROGRESS"));
    assert_eq!(world.notifications.sent(), []);
    world.stacks.set_status(STACK, "UPDATE_ROLLBACK_COMPLETE");
    world.succeed(EXECUTION).await.unwrap();
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Executing);
}

#[tokio::test]
async fn a_wedged_stack_fails_the_release_with_what_to_do() {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_ROLLBACK_FAILED");
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Failed);
    assert!(record.reason.unwrap().contains("UPDATE_ROLLBACK_FAILED"));
    assert_eq!(world.notifications.sent().len(), 1);
}

#[tokio::test]
async fn a_slow_change_set_is_waited_for_within_the_deadline_only() {
    let world = World::ready();
    world.stacks.take_looks(4);
    world.succeed(EXECUTION).await.unwrap();
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Executing);

    let world = World::ready();
    world.stacks.take_looks(1000);
    let begun = world.clock.now();
    let deadline = Deadline::at(begun + Duration::from_secs(60));
    let attempt = Attempt::new(&world, &world.settings, "one", deadline);
    release_from_event(&attempt, &world.success(EXECUTION)).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Waiting);
    assert_eq!(record.reason.as_deref(), Some("the change set is still CREATE_IN_PROGRESS"));
    let waited = world.clock.now().duration_since(begun).unsigned_abs();
    assert!((Duration::from_secs(30)..Duration::from_secs(50)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_change_set_that_cloudformation_refuses_fails_the_release_with_its_words() {
    let world = World::ready();
    world.stacks.refuse("Template error: unresolved resource dependencies [Nobody]");
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Failed);
    assert!(record.reason.unwrap().contains("unresolved resource dependencies [Nobody]"));
    assert_eq!(world.stacks.change_sets(STACK), [""; 0]);
}

#[test_case(artifact(&[("template.yaml", "Resources: [")]), "template.yaml cannot be read"; "a template that does not parse")]
#[test_case(artifact(&[]), "Api refers to target/lambda/api, which the artifact does not hold"; "a function without its code")]
#[test_case(artifact(&[("target/lambda/api/other", "x")]), "target/lambda/api has no bootstrap"; "a function without a bootstrap")]
#[test_case(zip(&BTreeMap::from([("template.yaml", TEMPLATE)])), "no SHA256SUMS"; "an artifact without sums")]
#[test_case(zip(&BTreeMap::from([("SHA256SUMS", ""), ("x", "y")])), "does not list"; "an artifact with an unlisted file")]
#[test_case(b"not a zip".to_vec(), "not a readable zip"; "an artifact that is no zip")]
#[tokio::test]
async fn the_release_fails_and_leaves_the_stack_alone_for(artifact: Vec<u8>, says: &str) {
    let world = World::ready();
    world.build_artifact(EXECUTION, 0, artifact);
    let report = world.succeed(EXECUTION).await.unwrap();
    let Report::Release { state: ReleaseState::Failed, reason: Some(reason), .. } = report else {
        unreachable!("{report:?}")
    };
    assert!(reason.contains(says), "{reason}");
    assert_eq!(world.stacks.executions(), [""; 0]);
    assert_eq!(world.objects.puts(BUCKET, "functions/"), []);
    assert_eq!(world.notifications.sent().len(), 1);
}

#[tokio::test]
async fn foreign_artifacts_may_come_without_sums_but_not_with_wrong_ones() {
    let mut world = World::ready();
    world.settings.checksums = Checksums::WherePresent;
    let mut files = BTreeMap::from([
        ("template.yaml", TEMPLATE),
        ("target/lambda/api/bootstrap", "a"),
        ("target/lambda/hook/bootstrap", "b"),
    ]);
    world.build_artifact(EXECUTION, 0, zip(&files));
    world.succeed(EXECUTION).await.unwrap();
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Executing);
    world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    files.insert("SHA256SUMS", "");
    world.build_artifact("wrong", 5, zip(&files));
    world.succeed("wrong").await.unwrap();
    assert_eq!(world.record("wrong").state, ReleaseState::Failed);
}

#[tokio::test]
async fn an_artifact_that_is_gone_fails_the_release() {
    let world = World::ready();
    world.objects.remove(&ObjectLocation::new(BUCKET, format!("slipway/BuildOutpu/{EXECUTION}")));
    world.succeed(EXECUTION).await.unwrap();
    assert!(world.record(EXECUTION).reason.unwrap().contains("is gone"));
}

#[tokio::test]
async fn a_rollback_of_the_pipeline_releases_nothing_and_the_record_says_so() {
    let world = World::ready();
    let rollback = PipelineExecution {
        execution_id: "rollback".into(),
        execution_type: Some("ROLLBACK".into()),
        trigger_type: Some("ManualRollback".into()),
        ..PipelineExecution::default()
    };
    world.pipelines.add(rollback, Vec::new());
    world.succeed("rollback").await.unwrap();
    let record = world.record("rollback");
    assert_eq!(record.state, ReleaseState::Ignored);
    assert!(record.reason.unwrap().contains("ManualRollback"));
    assert_eq!((world.stacks.executions().len(), world.notifications.sent().len()), (0, 0));
}

#[tokio::test]
async fn an_older_execution_that_comes_late_is_superseded() {
    let world = World::ready();
    world.build("newer", 30, "api new");
    world.succeed("newer").await.unwrap();
    world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    let tags = world.stacks.tags(STACK);
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Superseded);
    assert!(record.reason.unwrap().contains("newer"));
    assert_eq!(world.stacks.executions(), ["newer"]);
    assert_eq!(world.stacks.tags(STACK), tags);
}

#[tokio::test]
async fn an_older_execution_that_waited_for_the_stack_is_superseded_by_the_newer_that_waited_too() {
    let world = World::ready();
    world.build("newer", 30, "api new");
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap();
    world.succeed("newer").await.unwrap();
    world.stacks.set_status(STACK, "UPDATE_COMPLETE");
    world.succeed(EXECUTION).await.unwrap();
    // Until the newer one is live, it may be needed.
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Waiting);
    world.end("UPDATE_COMPLETE").await;
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Superseded);
    assert_eq!(world.stacks.executions(), ["newer"]);
}

#[tokio::test]
async fn slipways_own_template_is_released_with_every_function_and_parameter() {
    let template = include_str!("../../../../template.yaml");
    let folders: Vec<&str> = template.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: ")).collect();
    assert!(folders.len() >= 4, "{folders:?}");
    let files: Vec<String> = folders.iter().map(|folder| format!("{folder}bootstrap")).collect();
    let mut artifact_files = vec![("template.yaml", template)];
    artifact_files.extend(files.iter().map(|path| (path.as_str(), path.as_str())));
    let world = World::empty();
    world.build_artifact(EXECUTION, 0, artifact(&artifact_files));
    world.succeed(EXECUTION).await.unwrap();
    let request = world.stacks.executing(STACK).unwrap();
    let TemplateSource::Body(body) = request.template else {
        panic!("it grew beyond a body: check the URL's path too")
    };
    assert!(!body.contains("target/lambda/"));
    assert_eq!(world.objects.puts(BUCKET, "functions/").len(), folders.len());
    let given: Vec<&str> = request.parameters.keys().map(String::as_str).collect();
    let known = [
        "ApplicationName",
        "ArtifactBucket",
        "Commit",
        "ExecutionRoleArn",
        "Manifest",
        "PipelineName",
        "Release",
        "ReleasesTable",
        "Stage",
    ];
    assert_eq!(given, known);
}
