//! From a deployment id to what is judged.

use serde_json::json;
use test_case::test_case;

use crate::fakes::{Deployments, Fault, Faulty, World};
use crate::hook::LifecycleEvent::{AfterAllowTraffic, BeforeAllowTraffic};
use crate::hook::{
    Claim, Deployed, DeploymentInfo, DeploymentTarget, EcsTarget, LambdaTarget, LifecycleEvent, Progress, ResolveError,
    Resolved, Revision, RevisionKind, Shift, Subject, resolve,
};
use crate::objects::ObjectLocation;
use crate::telemetry::Chain;

const ID: &str = "d-ABC";
const NO_TARGETS: [DeploymentTarget; 0] = [];

fn deployments() -> Deployments {
    let deployments = Deployments::default();
    deployments.begin(ID, "fn");
    deployments
}

async fn resolved_in(world: World, own: LifecycleEvent) -> Result<Subject, ResolveError> {
    match resolve(&world.ports(), &ID.parse().unwrap(), own).await? {
        Resolved::Subject(subject) => Ok(subject),
        Resolved::Rollback { sign, .. } => panic!("a rollback: {sign}"),
    }
}

async fn resolved(deployments: Deployments, own: LifecycleEvent) -> Result<Subject, ResolveError> {
    resolved_in(World { deployments: Faulty::new(deployments), ..World::default() }, own).await
}

fn shift(subject: Subject) -> Shift {
    let Deployed::Function(shift) = subject.deployed else { panic!("{subject:?} is no function") };
    shift
}

fn info(revision: Option<Revision>) -> DeploymentInfo {
    DeploymentInfo {
        application: "app".into(),
        group: "group".into(),
        compute_platform: Some("Lambda".into()),
        revision,
        ..DeploymentInfo::default()
    }
}

fn revision(content: Option<&str>) -> Option<Revision> {
    let content = content.map(str::to_owned);
    Some(Revision::Text { kind: RevisionKind::String, content, sha256: Some("ab".into()) })
}

fn app_spec() -> String {
    let properties = json!({"Name": "fn", "Alias": "live", "CurrentVersion": "7", "TargetVersion": 8});
    json!({"version": 0.0, "Resources": [{"fn": {"Type": "AWS::Lambda::Function", "Properties": properties}}]})
        .to_string()
}

fn target(function: &str, version: &str) -> LambdaTarget {
    LambdaTarget {
        function: Some(function.into()),
        alias: Some("live".into()),
        current_version: None,
        target_version: Some(version.into()),
        events: vec![],
    }
}

#[tokio::test]
async fn the_target_tells_everything() {
    let deployments = deployments();
    deployments.call_hook(ID, BeforeAllowTraffic, "token");
    let subject = resolved(deployments, BeforeAllowTraffic).await.unwrap();
    assert_eq!((subject.application.as_str(), subject.group.as_str()), ("app", "group"));
    assert_eq!((subject.event, subject.claim), (BeforeAllowTraffic, Claim::Own));
    let shift = shift(subject);
    assert_eq!((shift.function.as_str(), shift.alias.as_str()), ("fn", "live"));
    assert_eq!(shift.current_version.unwrap().as_str(), "1");
    assert_eq!(shift.target_version.as_str(), "2");
}

#[test_case(Progress::InProgress, Progress::Pending => (BeforeAllowTraffic, Claim::Own); "its own is in progress")]
#[test_case(Progress::Pending, Progress::Pending => (BeforeAllowTraffic, Claim::Own); "nothing is told to be in progress")]
#[test_case(Progress::Finished, Progress::InProgress => (AfterAllowTraffic, Claim::Other); "only the other is in progress")]
#[test_case(Progress::Finished, Progress::Pending => (BeforeAllowTraffic, Claim::Decided); "its own is over")]
#[test_case(Progress::Finished, Progress::Finished => (BeforeAllowTraffic, Claim::Decided); "both are over")]
#[tokio::test]
async fn the_event_is_the_one_in_progress(before: Progress, after: Progress) -> (LifecycleEvent, Claim) {
    let deployments = deployments();
    let events = vec![(BeforeAllowTraffic, before), (AfterAllowTraffic, after)];
    deployments.set_targets(ID, vec![LambdaTarget { events, ..target("fn", "2") }]);
    let subject = resolved(deployments, BeforeAllowTraffic).await.unwrap();
    (subject.event, subject.claim)
}

#[tokio::test]
async fn a_function_may_be_named_by_its_arn() {
    let deployments = deployments();
    deployments.set_targets(ID, vec![target("arn:aws:lambda:eu-west-1:123456789012:function:my-fn", "2")]);
    let subject = resolved(deployments, BeforeAllowTraffic).await.unwrap();
    assert_eq!(shift(subject).function.as_str(), "my-fn");
}

#[tokio::test]
async fn without_targets_the_app_spec_tells() {
    let deployments = deployments();
    deployments.set_targets(ID, NO_TARGETS);
    deployments.set_info(ID, info(revision(Some(&app_spec()))));
    let subject = resolved(deployments, BeforeAllowTraffic).await.unwrap();
    let shift = shift(subject);
    assert_eq!(shift.target_version.as_str(), "8");
    assert_eq!(shift.current_version.unwrap().as_str(), "7");
}

#[tokio::test]
async fn an_app_spec_that_did_not_come_along_is_asked_for() {
    let inner = deployments();
    inner.set_info(ID, info(revision(None)));
    inner.set_app_spec(ID, &app_spec());
    let deployments = Faulty::new(inner).failing("ListDeploymentTargets", [Fault::Denied]);
    let subject = resolved_in(World { deployments, ..World::default() }, BeforeAllowTraffic).await.unwrap();
    assert_eq!(shift(subject).target_version.as_str(), "8");
}

#[test_case("{}"; "no resources")]
#[test_case("version: 0.0"; "yaml without resources")]
#[test_case(r#"{"resources":[]}"#; "no function")]
#[test_case(r#"{"resources":[{"a":{"type":"AWS::Lambda::Function","properties":{"name":"a","alias":"live"}}}]}"#; "no version")]
#[tokio::test]
async fn an_app_spec_that_does_not_tell_is_refused(content: &str) {
    let deployments = deployments();
    deployments.set_targets(ID, NO_TARGETS);
    deployments.set_info(ID, info(revision(Some(content))));
    assert!(matches!(resolved(deployments, BeforeAllowTraffic).await, Err(ResolveError::Unresolved { .. })));
}

#[tokio::test]
async fn an_app_spec_in_s3_is_read_there() {
    let location = ObjectLocation::new("revisions", "appspec.json");
    let world = World::calling(BeforeAllowTraffic);
    world.codedeploy.set_targets(ID, NO_TARGETS);
    let of_kind = |bundle: &str| {
        let (location, bundle) = (location.clone(), Some(bundle.to_owned()));
        info(Some(Revision::Object { location, version: Some("v1".into()), bundle }))
    };
    world.codedeploy.set_info(ID, of_kind("zip"));
    let error = resolved_in(world.clone(), BeforeAllowTraffic).await.unwrap_err();
    assert!(error.to_string().contains("the revision is an archive (zip)"), "{error}");
    world.codedeploy.set_info(ID, of_kind("JSON"));
    let objects = world.objects.clone().with(&location, app_spec().into_bytes());
    let subject = resolved_in(World { objects, ..world }, BeforeAllowTraffic).await.unwrap();
    assert_eq!(shift(subject).target_version.as_str(), "8");
}

#[test_case("$LATEST"; "latest")]
#[test_case(""; "empty")]
#[tokio::test]
async fn only_a_published_version_is_judged(version: &str) {
    let deployments = deployments();
    deployments.set_targets(ID, vec![target("fn", version)]);
    assert!(resolved(deployments, BeforeAllowTraffic).await.is_err());
}

#[tokio::test]
async fn several_functions_are_not_guessed_among() {
    let deployments = deployments();
    deployments.set_targets(ID, vec![target("one", "1"), target("two", "2")]);
    let error = resolved(deployments, BeforeAllowTraffic).await.unwrap_err();
    assert!(Chain(&error).to_string().contains("there are 2 Lambda targets"), "{error}");
}

#[tokio::test]
async fn a_service_is_named_by_its_target_and_its_task_definition_by_the_app_spec() {
    let deployments = deployments();
    let arn = "arn:aws:ecs:eu-west-1:111122223333:service/cluster/web".to_owned();
    let events = vec![(LifecycleEvent::AfterAllowTestTraffic, Progress::InProgress)];
    deployments.set_targets(ID, [EcsTarget { service_arn: Some(arn), events }]);
    let spec = "Resources: [{TargetService: {Type: 'AWS::ECS::Service', Properties: {TaskDefinition: 'web:7'}}}]";
    let compute_platform = Some("ECS".into());
    deployments.set_info(ID, DeploymentInfo { compute_platform, ..info(revision(Some(spec))) });
    let subject = resolved(deployments, BeforeAllowTraffic).await.unwrap();
    assert_eq!((subject.event, subject.claim), (LifecycleEvent::AfterAllowTestTraffic, Claim::Other));
    assert_eq!(subject.name(), "web");
    let Deployed::Service(service) = subject.deployed else { panic!("a function") };
    assert_eq!(service.revision.as_deref(), Some("web:7"));
}

#[tokio::test]
async fn a_service_without_a_target_is_not_guessed() {
    let deployments = deployments();
    deployments.set_info(ID, DeploymentInfo { compute_platform: Some("ECS".into()), ..info(None) });
    let error = resolved(deployments, BeforeAllowTraffic).await.unwrap_err();
    assert!(matches!(error, ResolveError::NoService(_)), "{error}");
}

#[tokio::test]
async fn another_compute_platform_is_refused() {
    let deployments = deployments();
    deployments.set_info(ID, DeploymentInfo { compute_platform: Some("Server".into()), ..info(None) });
    assert!(matches!(resolved(deployments, BeforeAllowTraffic).await, Err(ResolveError::Platform(_))));
}

#[tokio::test]
async fn a_deployment_that_does_not_exist_is_an_error() {
    assert!(matches!(resolved(Deployments::default(), BeforeAllowTraffic).await, Err(ResolveError::Deployment(_))));
}
