//! Releases that shift several functions.

use serde_json::{Value, json};
use slipway_shared::fakes::Failure;
use slipway_shared::ledger::Gathering;
use slipway_shared::stacks::{PropertyChange, ResourceChange};

use crate::world::{EXECUTION, STACK, World};

/// A change that points the alias of `function` to another version.
fn shift(function: &str) -> ResourceChange {
    let arn = format!("arn:aws:lambda:eu-west-1:111122223333:function:shop-{function}:live");
    ResourceChange {
        logical_id: format!("{function}Alias"),
        physical_id: Some(arn),
        resource_type: "AWS::Lambda::Alias".into(),
        action: "Modify".into(),
        replacement: "False".into(),
        properties: vec![PropertyChange { name: "FunctionVersion".into(), is_certain: true }],
    }
}

/// A template with these aliases, each of which needs what stands beside it.
fn template(aliases: &[(&str, &str)]) -> String {
    let hook = format!("CodeDeployHook_{STACK}_pre-traffic");
    let alias = |needs: &str| {
        json!({
            "Type": "AWS::Lambda::Alias",
            "DependsOn": needs,
            "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {"BeforeAllowTrafficHook": hook}},
        })
    };
    let resources = aliases.iter().map(|(function, needs)| (format!("{function}Alias"), alias(needs)));
    json!({"Resources": resources.collect::<serde_json::Map<String, Value>>()}).to_string()
}

fn shifting(changes: Vec<ResourceChange>, aliases: &[(&str, &str)]) -> World {
    let world = World::ready();
    world.stacks.change(changes, &template(aliases));
    world
}

fn gathering(world: &World) -> Option<Gathering> {
    world.ledger.gathering(STACK)
}

fn members(gathering: &Gathering) -> Vec<&str> {
    gathering.members.iter().map(|member| member.function.as_str()).collect()
}

#[tokio::test]
async fn functions_that_are_shifted_side_by_side_gather() {
    let world = shifting(vec![shift("A"), shift("B")], &[("A", ""), ("B", "")]);
    world.succeed(EXECUTION).await.unwrap();
    let gathering = gathering(&world).unwrap();
    assert_eq!((gathering.release.as_str(), members(&gathering)), (EXECUTION, vec!["shop-A", "shop-B"]));
    assert!(world.record(EXECUTION).gathers);
}

#[tokio::test]
async fn one_function_gathers_with_nobody_and_its_template_is_not_even_read() {
    let mut made = shift("B");
    made.action = "Add".into();
    let mut described = shift("C");
    described.properties[0].name = "Description".into();
    let mut perhaps = shift("D");
    perhaps.properties[0].is_certain = false;
    let world = shifting(vec![shift("A"), made, described, perhaps], &[("A", ""), ("B", ""), ("C", ""), ("D", "")]);
    world.succeed(EXECUTION).await.unwrap();
    assert_eq!(gathering(&world), None);
    let calls = world.fuse.calls();
    assert!(!calls.contains(&"GetTemplate") && !calls.contains(&"PutItem (gathering)"), "{calls:?}");
}

#[tokio::test]
async fn one_function_does_not_wait_in_a_gathering_that_its_release_could_not_end() {
    let alone: [&[(&str, &str)]; 2] = [&[("A", "")], &[("A", ""), ("B", "AAlias")]];
    for aliases in alone {
        let changes = aliases.iter().map(|(function, _)| shift(function)).collect();
        let world = shifting(changes, aliases);
        let left = ["shop-A", "shop-B"].map(|function| (function.to_owned(), "live".to_owned()));
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        world.ledger.gather(Gathering::of(STACK, "an-older-one", at, left.to_vec(), Vec::new()));
        world.succeed(EXECUTION).await.unwrap();
        let found = gathering(&world).unwrap();
        assert_eq!((found.release.as_str(), found.over), ("an-older-one", true));
    }
}

#[tokio::test]
async fn a_function_that_follows_another_is_left_out_and_that_is_said() {
    let world = shifting(vec![shift("A"), shift("B"), shift("C")], &[("A", ""), ("B", "AAlias"), ("C", "")]);
    world.succeed(EXECUTION).await.unwrap();
    let gathering = gathering(&world).unwrap();
    assert_eq!(members(&gathering), ["shop-A", "shop-C"]);
    let said = "BAlias is shifted by itself: it depends on AAlias, whose shift ends before it begins";
    assert_eq!(gathering.apart, [said]);
}

#[tokio::test]
async fn a_repetition_forgets_nobody_who_has_come() {
    let world = shifting(vec![shift("A"), shift("B")], &[("A", ""), ("B", "")]);
    let calls = {
        world.succeed(EXECUTION).await.unwrap();
        world.fuse.calls()
    };
    let execution = calls.iter().position(|call| *call == "ExecuteChangeSet").unwrap();
    let world = shifting(vec![shift("A"), shift("B")], &[("A", ""), ("B", "")]);
    world.fuse.blow_at(execution, Failure::Refused);
    world.succeed(EXECUTION).await.unwrap_err();
    let mut come = gathering(&world).unwrap();
    come.failure = Some("the suite of shop-A failed".into());
    world.ledger.gather(come.clone());
    world.fuse.mend();
    world.succeed(EXECUTION).await.unwrap();
    assert_eq!(gathering(&world), Some(come));
}

#[tokio::test]
async fn the_end_of_the_release_ends_its_gathering() {
    for end in ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"] {
        let world = shifting(vec![shift("A"), shift("B")], &[("A", ""), ("B", "")]);
        world.succeed(EXECUTION).await.unwrap();
        world.close(&world.stacks.end(STACK, end)).await.unwrap();
        assert!(gathering(&world).unwrap().over);
    }
}

#[tokio::test]
async fn a_release_closes_whatever_becomes_of_its_gathering() {
    let world = shifting(vec![shift("A"), shift("B")], &[("A", ""), ("B", "")]);
    world.succeed(EXECUTION).await.unwrap();
    let event = world.stacks.end(STACK, "UPDATE_COMPLETE");
    world.fuse.mend();
    world.close(&event).await.unwrap();
    let reads = world.fuse.calls().iter().position(|call| *call == "GetItem (gathering)").unwrap();
    let world = shifting(vec![shift("A"), shift("B")], &[("A", ""), ("B", "")]);
    world.succeed(EXECUTION).await.unwrap();
    let event = world.stacks.end(STACK, "UPDATE_COMPLETE");
    world.fuse.mend();
    world.fuse.blow_at(reads, Failure::Refused);
    world.close(&event).await.unwrap();
    assert!(world.record(EXECUTION).state.is_closed());
}

#[tokio::test]
async fn the_next_release_gathers_anew() {
    let world = shifting(vec![shift("A"), shift("B")], &[("A", ""), ("B", "")]);
    world.ledger.gather(Gathering::of(
        STACK,
        "an-older-one",
        "2026-01-01T00:00:00Z".parse().unwrap(),
        Vec::new(),
        Vec::new(),
    ));
    world.succeed(EXECUTION).await.unwrap();
    assert_eq!(gathering(&world).unwrap().release, EXECUTION);
}
