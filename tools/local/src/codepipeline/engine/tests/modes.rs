//! Modes of execution, and executions that stop or are retried.

use super::*;

#[test]
fn a_newer_execution_supersedes_the_one_that_waits_but_not_the_one_that_runs() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Build", "p", 1)])]);
    let ids: Vec<String> = (0..3)
        .map(|_| {
            let id = bench.start();
            bench.pass(5 * SECOND);
            id
        })
        .collect();
    let statuses: Vec<Status> = ids.iter().map(|id| bench.status(id)).collect();
    assert_eq!(statuses, [Status::InProgress, Status::Superseded, Status::InProgress]);
    bench.pass(HOUR);
    assert_eq!((bench.status(&ids[0]), bench.status(&ids[2])), (Status::Succeeded, Status::Succeeded));
    assert_eq!(bench.begun("Build"), 2);
    assert_eq!(bench.told(&ids[1]).last().unwrap(), "Pipeline app SUPERSEDED");
}

#[test]
fn a_stop_waits_for_the_running_action_and_begins_nothing_more() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Build", "p", 1), build("Next", "p", 2)])]);
    let id = bench.start();
    bench.pass(5 * SECOND);
    bench.ask(|engine, now| engine.stop("app", &id, false, Some("enough".to_owned()), now)).unwrap();
    assert_eq!(bench.status(&id), Status::Stopping);
    let again = bench.ask(|engine, now| engine.stop("app", &id, false, None, now)).unwrap_err();
    assert!(again.is("DuplicatedStopRequestException"));
    bench.pass(HOUR);
    assert_eq!((bench.status(&id), bench.begun("Next")), (Status::Stopped, 0));
    let told = bench.told(&id);
    assert_eq!(
        told[told.len() - 5..],
        [
            "Pipeline app STOPPING",
            "Stage Stage1 STOPPING",
            "Action Build SUCCEEDED",
            "Stage Stage1 STOPPED",
            "Pipeline app STOPPED",
        ]
    );
    let over = bench.ask(|engine, now| engine.stop("app", &id, true, None, now)).unwrap_err();
    assert!(over.is("PipelineExecutionNotStoppableException"));
}

#[test]
fn an_abandoned_action_counts_no_more_and_makes_room() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Build", "p", 1)])]);
    let first = bench.start();
    bench.pass(5 * SECOND);
    let second = bench.start();
    bench.pass(5 * SECOND);
    assert_eq!(bench.execution(&second).position, Position::Before(1));
    bench.ask(|engine, now| engine.stop("app", &first, true, None, now)).unwrap();
    assert_eq!(bench.status(&first), Status::Stopped);
    assert_eq!(bench.execution(&second).position, Position::In(1));
    bench.pass(HOUR);
    assert_eq!((bench.status(&first), bench.status(&second)), (Status::Stopped, Status::Succeeded));
    assert!(bench.told(&first).contains(&"Action Build ABANDONED".to_owned()));
    assert!(!bench.told(&first).contains(&"Action Build SUCCEEDED".to_owned()));
}

#[test]
fn only_the_latest_execution_of_a_stage_can_be_retried() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Bad", "fails", 1)])]);
    let first = bench.start();
    bench.pass(HOUR);
    let elsewhere = bench.ask(|engine, now| engine.retry("app", "Stage0", &first, false, now)).unwrap_err();
    assert!(elsewhere.is("StageNotRetryableException"));
    bench.start();
    bench.pass(HOUR);
    let newer = bench.ask(|engine, now| engine.retry("app", "Stage1", &first, false, now)).unwrap_err();
    assert!(newer.is("NotLatestPipelineExecutionException"));
}

#[test]
fn a_closed_stage_lets_only_the_newest_in_when_it_opens() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Build", "p", 1)])]);
    let close = |engine: &mut Pipelines, now| engine.set_transition("app", "Stage1", Some("freeze".to_owned()), now);
    bench.ask(close).unwrap();
    let (first, second) = (bench.start(), {
        bench.pass(MINUTE);
        bench.start()
    });
    bench.pass(DAY);
    assert_eq!((bench.status(&first), bench.status(&second)), (Status::Superseded, Status::InProgress));
    assert_eq!(bench.begun("Build"), 0);
    bench.ask(|engine, now| engine.set_transition("app", "Stage1", None, now)).unwrap();
    bench.pass(HOUR);
    assert_eq!(bench.status(&second), Status::Succeeded);
}
