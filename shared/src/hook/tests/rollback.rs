//! Hooks of deployments that put back what was there before: none of them may stop that.

use std::future::pending;

use test_case::test_case;

use crate::env::SettingsError;
use crate::fakes::{Fault, World};
use crate::hook::LifecycleEvent::BeforeAllowTraffic;
use crate::hook::{DeploymentInfo, HookStatus, Verdict, run_hook};

fn rollback() -> World {
    let world = World::calling(BeforeAllowTraffic);
    world.codedeploy.roll_back(World::DEPLOYMENT);
    world
}

fn info() -> DeploymentInfo {
    DeploymentInfo { application: "app".into(), group: "group".into(), ..DeploymentInfo::default() }
}

#[tokio::test(start_paused = true)]
async fn it_is_let_through_without_a_check_and_says_why() {
    let world = rollback();
    let hook = world.hook(BeforeAllowTraffic);
    run_hook(&hook, World::invocation(), |_| async { panic!("a rollback is not checked") }).await.unwrap();
    assert_eq!(world.codedeploy.reports(World::DEPLOYMENT), [(BeforeAllowTraffic, HookStatus::Succeeded)]);
    let record = world.recorded(BeforeAllowTraffic).unwrap();
    assert_eq!((record.verdict.as_str(), record.action.as_deref()), ("inconclusive", Some("reported Succeeded")));
    assert_eq!(
        record.reasons,
        ["the deployment is a rollback (its creator is codeDeployRollback), which no check may stop"]
    );
}

#[tokio::test(start_paused = true)]
async fn even_a_hook_that_cannot_judge_lets_it_through() {
    let world = rollback();
    let mut hook = world.hook(BeforeAllowTraffic);
    hook.settings = Err(SettingsError { faults: vec![crate::env::Fault::Missing("SLIPWAY_STAGE")] }.into());
    run_hook(&hook, World::invocation(), |_| pending::<Verdict>()).await.unwrap();
    assert_eq!(world.codedeploy.reports(World::DEPLOYMENT), [(BeforeAllowTraffic, HookStatus::Succeeded)]);
}

#[test_case(&[Fault::Denied]; "denied")]
#[test_case(&[Fault::Hangs]; "hanging")]
#[test_case(&[Fault::Panics]; "panicking")]
#[tokio::test(start_paused = true)]
async fn targets_that_cannot_be_read_do_not_stop_it(faults: &[Fault]) {
    let mut world = rollback();
    world.deployments = world.deployments.failing("ListDeploymentTargets", faults.iter().copied());
    run_hook(&world.hook(BeforeAllowTraffic), World::invocation(), |_| pending::<Verdict>()).await.unwrap();
    assert_eq!(world.codedeploy.reports(World::DEPLOYMENT), [(BeforeAllowTraffic, HookStatus::Succeeded)]);
}

#[test_case(Some("codeDeployRollback"), None => true)]
#[test_case(Some("CloudFormationRollback"), None => true)]
#[test_case(Some("CloudFormation"), Some("d-BAD") => true; "one that undoes another")]
#[test_case(Some("CloudFormation"), None => false)]
#[test_case(Some("user"), None => false)]
#[test_case(None, None => false; "nothing told")]
fn is_told_by_its_creator_or_by_what_it_undoes(creator: Option<&str>, undoes: Option<&str>) -> bool {
    let (creator, undoes) = (creator.map(str::to_owned), undoes.map(str::to_owned));
    DeploymentInfo { creator, undoes, ..info() }.rollback().is_some()
}
