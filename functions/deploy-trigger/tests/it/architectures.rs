//! Code for another machine than the stack's.

use slipway_shared::release::ReleaseState;

use crate::world::{BUCKET, EXECUTION, STACK, TEMPLATE, World, artifact};

/// The beginning of a program for x86-64.
const PROGRAM: &str = "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0\0\0\0\0\0\0\u{3}\0\u{3e}\0";

/// The build of a program for x86-64, whose template says that its functions run on `architecture`.
fn build(world: &World, architecture: &str) {
    let globals = format!("Runtime: provided.al2023, Architectures: {architecture}");
    let template = TEMPLATE.replace("Runtime: provided.al2023", &globals);
    world.build_artifact(
        EXECUTION,
        0,
        artifact(&[("template.yaml", &template), ("target/lambda/api/bootstrap", PROGRAM)]),
    );
}

async fn released(world: &World) -> (ReleaseState, Option<String>) {
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    (record.state, record.reason)
}

#[tokio::test]
async fn code_for_another_machine_is_refused_by_its_function_and_nothing_is_stored() {
    let world = World::ready();
    build(&world, "[!Ref Architecture]");
    let (state, reason) = released(&world).await;
    assert_eq!(state, ReleaseState::Failed);
    assert_eq!(
        reason.unwrap(),
        "the code is for another machine than the stack's: Api's bootstrap in target/lambda/api is for x86_64, and the template says arm64"
    );
    assert_eq!(world.objects.puts(BUCKET, "functions/"), []);
    assert_eq!(world.stacks.executions(), [""; 0]);
}

#[tokio::test]
async fn the_stacks_own_parameter_outweighs_the_default_and_a_configured_one_both() {
    let mut world = World::ready();
    world.stacks.set_parameter(STACK, "Architecture", "x86_64");
    build(&world, "[!Ref Architecture]");
    assert_eq!(released(&world).await.0, ReleaseState::Executing);

    world = World::ready();
    world.stacks.set_parameter(STACK, "Architecture", "x86_64");
    world.settings.parameters.insert("Architecture".into(), "arm64".into());
    build(&world, "[!Ref Architecture]");
    assert_eq!(released(&world).await.0, ReleaseState::Failed);
}

#[tokio::test]
async fn an_architecture_that_only_cloudformation_knows_stands_in_nobodys_way() {
    let world = World::ready();
    build(&world, "[!If [Cheap, arm64, x86_64]]");
    assert_eq!(released(&world).await.0, ReleaseState::Executing);
}
