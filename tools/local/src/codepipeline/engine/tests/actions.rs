//! Actions of a stage, variables, and changes of a pipeline that runs.

use super::*;

#[test]
fn actions_of_one_order_run_side_by_side_and_all_end_before_the_stage_fails() {
    let stage = json!([build("Slow", "p", 1), build("Bad", "fails", 1), build("Later", "p", 2)]);
    let mut bench = Bench::new("SUPERSEDED", &[stage]);
    let id = bench.start();
    bench.pass(2 * SECOND);
    assert_eq!((bench.begun("Slow"), bench.begun("Bad"), bench.begun("Later")), (1, 1, 0));
    bench.pass(HOUR);
    assert_eq!((bench.status(&id), bench.begun("Later")), (Status::Failed, 0));
    let told = bench.told(&id);
    assert_eq!(
        told[told.len() - 4..],
        ["Action Slow SUCCEEDED", "Action Bad FAILED", "Stage Stage1 FAILED", "Pipeline app FAILED",]
    );
}

#[test]
fn a_variable_without_a_value_fails_the_action_and_is_named() {
    let mut action = build("Build", "p", 1);
    action["configuration"]["EnvironmentVariables"] = json!("#{Source.Nothing}");
    let mut bench = Bench::new("SUPERSEDED", &[json!([action])]);
    let id = bench.start();
    bench.pass(MINUTE);
    assert_eq!((bench.status(&id), bench.begun("Build")), (Status::Failed, 0));
    assert!(bench.failure(&id).message.contains("#{Source.Nothing}"));
}

#[test]
fn a_change_of_the_pipeline_does_not_reach_executions_that_have_begun() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Old", "p", 1)])]);
    let id = bench.start();
    bench.ask(|engine, now| engine.update(declaration("SUPERSEDED", &[json!([build("New", "p", 1)])]), now)).unwrap();
    bench.pass(HOUR);
    assert_eq!((bench.status(&id), bench.begun("Old"), bench.begun("New")), (Status::Succeeded, 1, 0));
}

#[test]
fn the_trigger_is_told_with_every_event() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Build", "p", 1)])]);
    let trigger = Trigger { kind: "CloudWatchEvent".to_owned(), detail: "rule".to_owned() };
    let start = Start::of("app", trigger);
    bench.ask(|engine, now| engine.start(start, now)).unwrap();
    bench.pass(HOUR);
    assert_eq!(bench.world.events.len(), 10);
    let triggers: BTreeSet<&str> =
        bench.world.events.values().filter_map(|detail| detail["execution-trigger"]["trigger-type"].as_str()).collect();
    assert_eq!(triggers, BTreeSet::from(["CloudWatchEvent"]));
}
