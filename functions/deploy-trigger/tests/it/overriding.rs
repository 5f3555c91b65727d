//! Alarms that people have overridden: a release that is prepared meanwhile does not ask them.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::clock::Clock;
use slipway_shared::overrides::{AlarmOverride, WriteOverride};

use crate::world::{EXECUTION, STACK, TEMPLATE, World, artifact};

fn template() -> String {
    let preference =
        "DeploymentPreference: {Type: AllAtOnce, Alarms: [{Ref: Errors}, slow]}, CodeUri: target/lambda/api/";
    TEMPLATE.replace("CodeUri: target/lambda/api/", preference)
        + "  Errors: {Type: 'AWS::CloudWatch::Alarm', Properties: {AlarmName: errors}}\n"
}

fn build(world: &World, execution_id: &str, minute: u8) {
    let template = template();
    let files = [("template.yaml", template.as_str()), ("target/lambda/api/bootstrap", "code")];
    world.build_artifact(execution_id, minute, artifact(&files));
}

fn overridden(alarm: &str, until: Timestamp) -> AlarmOverride {
    AlarmOverride {
        alarm: alarm.into(),
        resource: None,
        until,
        reason: "4f2e mends it".into(),
        by: "arn:aws:iam::111122223333:user/ann".into(),
        at: "2026-11-20T10:00:00Z".parse().unwrap(),
    }
}

/// The template that the stack takes.
fn released(world: &World) -> String {
    format!("{:?}", world.stacks.executing(STACK).unwrap().template).replace('\\', "")
}

#[tokio::test]
async fn an_overridden_alarm_is_left_out_and_told() {
    let world = World::ready();
    let act = overridden("errors", world.clock.now() + Duration::from_secs(60));
    world.ledger.write_override(&act).await.unwrap();
    build(&world, EXECUTION, 0);
    world.succeed(EXECUTION).await.unwrap();
    assert!(released(&world).contains(r#""Alarms":["slow"]"#), "{}", released(&world));
    assert!(released(&world).contains(r#""Errors":{"#), "the alarm itself stays");
    assert_eq!(world.record(EXECUTION).overridden, Some(act.to_string()));
    world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    let message = world.notifications.sent().remove(0).body;
    assert!(message.contains(&format!("Overridden  {act}\n")), "{message}");
}

#[tokio::test]
async fn an_override_that_has_expired_is_none_and_the_release_is_the_same() {
    let world = World::ready();
    build(&world, EXECUTION, 0);
    let until = world.clock.now() + Duration::from_secs(60);
    world.ledger.write_override(&overridden("errors", until)).await.unwrap();
    world.succeed(EXECUTION).await.unwrap();
    world.close(&world.stacks.end(STACK, "UPDATE_COMPLETE")).await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    build(&world, "execution-2", 1);
    world.succeed("execution-2").await.unwrap();
    assert!(released(&world).contains(r#""Alarms":[{"Ref":"Errors"},"slow"]"#), "{}", released(&world));
    let (first, second) = (world.record(EXECUTION), world.record("execution-2"));
    assert_eq!((second.overridden, second.content), (None, first.content));
}
