//! Hours and days of pipelines in milliseconds.

mod actions;
mod jobs;
mod modes;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use crate::core::Simulation;

use super::super::declaration::{Mode, Provider};
use super::super::execution::{Position, Status, Trigger};
use super::admission::Start;
use super::jobs::JobSuccess;
use super::requests::Approval;
use super::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// An engine with a world in which a source takes a second and a build a minute; a build of `fails` fails. Functions
/// and people answer only when the test does.
struct Bench {
    simulation: Simulation<Pipelines>,
    world: World,
}

#[derive(Default)]
struct World {
    events: BTreeMap<u64, Value>,
    begun: Vec<Order>,
}

impl World {
    fn act(&mut self, effect: Effect, now: Timestamp) -> Vec<(Timestamp, Input)> {
        let ended = |order: &Order, after, outcome| {
            let (execution, run) = (order.execution.clone(), order.run.clone());
            vec![(now + after, Input::Ended { execution, run, outcome })]
        };
        match effect {
            Effect::Publish(number, event) => {
                let mut detail = event.detail;
                detail["kind"] = json!(event.detail_type.split(' ').nth(1).unwrap());
                assert!(self.events.insert(number, detail).is_none(), "a number was given twice");
                Vec::new()
            }
            Effect::Begin(order) => {
                self.begun.push((*order).clone());
                match order.provider {
                    Provider::CodeCommit | Provider::S3Source => ended(&order, SECOND, well()),
                    Provider::CodeBuild => vec![(now, Input::Submitted { order, external_id: "build-1".to_owned() })],
                    Provider::Manual | Provider::Lambda => Vec::new(),
                }
            }
            Effect::Watch(order, _) => {
                let fails = order.configuration["ProjectName"] == "fails";
                ended(&order, MINUTE, if fails { badly("the build failed") } else { well() })
            }
        }
    }
}

fn well() -> Outcome {
    let variables = BTreeMap::from([("CommitId".to_owned(), "c0ffee".to_owned())]);
    Outcome::Succeeded { variables, revision: None, summary: None, external_id: None }
}

fn badly(message: &str) -> Outcome {
    let failure = Failure { code: "JobFailed".to_owned(), message: message.to_owned() };
    Outcome::Failed { failure, external_id: None }
}

/// Checks the invariants after every step and every request: a stage holds one execution (but in `PARALLEL`), work is under way
/// only where its execution is, an execution that is over waits for nothing, and nothing is of the future.
fn is_consistent(engine: &Pipelines, now: Timestamp) {
    let (mut inside, mut runs) = (BTreeSet::new(), BTreeSet::new());
    for execution in &engine.executions {
        let id = &execution.id;
        assert!(execution.started <= execution.updated && execution.updated <= now, "{id} is of the future");
        let stage = execution.current_stage();
        if let Some(stage) =
            stage.filter(|_| !execution.status.is_over() && execution.declaration.mode != Mode::Parallel)
        {
            assert!(inside.insert((execution.declaration.name.clone(), stage)), "two executions in the stage {stage}");
        }
        for (at, of_stage) in &execution.stages {
            for run in &of_stage.actions {
                assert!(runs.insert(run.id.clone()), "{} is there twice", run.id);
                assert!(run.started <= run.updated && run.updated <= now, "{} is of the future", run.action);
                if run.status == ActionStatus::InProgress {
                    assert!(!execution.status.is_over(), "{id} is {:?}, and {} goes on", execution.status, run.action);
                    assert_eq!(stage, Some(*at), "{} goes on in a stage that {id} is not in", run.action);
                }
            }
        }
    }
}

impl Bench {
    /// A pipeline `app` of one source stage and these, in this mode.
    fn new(mode: &str, stages: &[Value]) -> Self {
        let mut engine = Pipelines::new(Ids::seeded(1), PlaneIdentity::default());
        engine.create(declaration(mode, stages), Timestamp::from_millis(0)).unwrap();
        let simulation = Simulation::new(engine, Timestamp::from_millis(0)).holding(is_consistent);
        Self { simulation, world: World::default() }
    }

    fn ask<T>(&mut self, change: impl FnOnce(&mut Pipelines, Timestamp) -> T) -> T {
        let now = self.simulation.now();
        let answer = change(&mut self.simulation.engine, now);
        is_consistent(&self.simulation.engine, now);
        for effect in self.simulation.engine.take_effects() {
            for (at, input) in self.world.act(effect, now) {
                self.simulation.at(at, input);
            }
        }
        answer
    }

    fn start(&mut self) -> String {
        let trigger = Trigger { kind: "StartPipelineExecution".to_owned(), detail: "me".to_owned() };
        let start = Start::of("app", trigger);
        self.ask(|engine, now| engine.start(start, now)).unwrap()
    }

    fn pass(&mut self, time: Duration) {
        let (until, world) = (self.simulation.now() + time, &mut self.world);
        self.simulation.run_until(until, |effect, now| world.act(effect, now));
    }

    fn execution(&self, id: &str) -> &Execution {
        self.simulation.engine.execution("app", id).unwrap()
    }

    fn status(&self, id: &str) -> Status {
        self.execution(id).status
    }

    fn job(&self) -> String {
        self.world.begun.last().unwrap().job.clone().unwrap()
    }

    fn answer(&mut self, job: &str, continuation: Option<&str>) -> Result<(), ServiceError> {
        let told = JobSuccess { continuation: continuation.map(str::to_owned), ..JobSuccess::default() };
        self.ask(|engine, now| engine.job_succeeded(job, told, now))
    }

    fn approve(&mut self, token: &str, approved: bool) -> Result<Timestamp, ServiceError> {
        let approval = Approval {
            pipeline: "app".to_owned(),
            stage: "Stage1".to_owned(),
            action: "Approve".to_owned(),
            token: token.to_owned(),
            approved,
            summary: "because".to_owned(),
        };
        self.ask(|engine, now| engine.approve(approval, now))
    }

    /// The published lines about an execution, such as `Action Build FAILED`.
    fn told(&self, id: &str) -> Vec<String> {
        let events = self.world.events.values().filter(|detail| detail["execution-id"] == id);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        events
            .map(|detail| {
                let kind = text(&detail["kind"]);
                format!("{kind} {} {}", text(&detail[kind.to_lowercase().as_str()]), text(&detail["state"]))
            })
            .collect()
    }

    fn failure(&self, id: &str) -> Failure {
        let runs = self.execution(id).stages.values().flat_map(|stage| &stage.actions);
        runs.filter_map(|run| run.failure.clone()).next_back().unwrap()
    }

    /// The number of times that an action was begun.
    fn begun(&self, action: &str) -> usize {
        self.world.begun.iter().filter(|order| order.action == action).count()
    }
}

fn declaration(mode: &str, stages: &[Value]) -> Declaration {
    let source = json!([{
        "name": "Source", "namespace": "Source", "outputArtifacts": [{ "name": "In" }],
        "actionTypeId": { "owner": "AWS", "category": "Source", "provider": "CodeCommit", "version": "1" },
        "configuration": { "RepositoryName": "r", "BranchName": "b" },
    }]);
    let mut all = vec![json!({ "name": "Stage0", "actions": source })];
    all.extend(
        stages
            .iter()
            .enumerate()
            .map(|(at, actions)| json!({ "name": format!("Stage{}", at + 1), "actions": actions })),
    );
    let store = json!({ "type": "S3", "location": "b" });
    let value = json!({ "name": "app", "roleArn": "r", "artifactStore": store, "executionMode": mode, "stages": all });
    Declaration::read(&value).unwrap()
}

fn build(name: &str, project: &str, order: i64) -> Value {
    json!({
        "name": name, "runOrder": order, "inputArtifacts": [{ "name": "In" }],
        "actionTypeId": { "owner": "AWS", "category": "Build", "provider": "CodeBuild", "version": "1" },
        "configuration": { "ProjectName": project },
    })
}

fn invoke() -> Value {
    json!({
        "name": "Invoke",
        "actionTypeId": { "owner": "AWS", "category": "Invoke", "provider": "Lambda", "version": "1" },
        "configuration": { "FunctionName": "release", "UserParameters": "#{Source.CommitId}" },
    })
}

fn approval() -> Value {
    json!({
        "name": "Approve",
        "actionTypeId": { "owner": "AWS", "category": "Approval", "provider": "Manual", "version": "1" },
    })
}

#[test_case(None, 7 * DAY; "a week")]
#[test_case(Some(90), 90 * MINUTE; "as the action says")]
fn an_approval_that_nobody_gives_fails_in_time(minutes: Option<i64>, limit: Duration) {
    let mut action = approval();
    if let Some(minutes) = minutes {
        action["timeoutInMinutes"] = json!(minutes);
    }
    let mut bench = Bench::new("SUPERSEDED", &[json!([action])]);
    let id = bench.start();
    bench.pass(limit);
    assert_eq!(bench.status(&id), Status::InProgress);
    bench.pass(2 * SECOND);
    assert_eq!(bench.status(&id), Status::Failed);
}

#[test_case("QUEUED", 3 * 60; "in line")]
#[test_case("PARALLEL", 60; "side by side")]
fn executions_of_other_modes_all_run(mode: &str, seconds: u64) {
    let mut bench = Bench::new(mode, &[json!([build("Build", "p", 1)])]);
    let ids: Vec<String> = (0..3).map(|_| bench.start()).collect();
    bench.pass(Duration::from_secs(seconds));
    assert!(ids.iter().any(|id| bench.status(id) == Status::InProgress));
    bench.pass(10 * SECOND);
    assert!(ids.iter().all(|id| bench.status(id) == Status::Succeeded));
}

#[test_case(false, 1; "only what failed")]
#[test_case(true, 2; "all of the stage")]
fn a_retry_runs_again(all_actions: bool, good_runs: usize) {
    let mut bench = Bench::new("SUPERSEDED", &[json!([build("Good", "p", 1), build("Bad", "fails", 1)])]);
    let id = bench.start();
    bench.pass(HOUR);
    assert_eq!(bench.status(&id), Status::Failed);
    bench.ask(|engine, now| engine.retry("app", "Stage1", &id, all_actions, now)).unwrap();
    assert_eq!(bench.status(&id), Status::InProgress);
    bench.pass(HOUR);
    assert_eq!((bench.begun("Source"), bench.begun("Good"), bench.begun("Bad")), (1, good_runs, 2));
    let told = bench.told(&id);
    assert_eq!(told.iter().filter(|line| line.ends_with("RESUMED")).count(), 2);
    assert_eq!(told.iter().filter(|line| *line == "Pipeline app FAILED").count(), 2);
}

#[derive(Clone, Debug)]
enum Step {
    Start,
    Pass(u64),
    Stop(usize, bool),
    Retry(usize, bool),
    Approve(usize, bool),
    Transition(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Start),
        4 => (0..200_u64).prop_map(Step::Pass),
        1 => (0..6_usize, any::<bool>()).prop_map(|(which, abandon)| Step::Stop(which, abandon)),
        1 => (0..6_usize, any::<bool>()).prop_map(|(which, all)| Step::Retry(which, all)),
        2 => (0..6_usize, any::<bool>()).prop_map(|(which, yes)| Step::Approve(which, yes)),
        1 => any::<bool>().prop_map(Step::Transition),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every execution ends, whatever is asked in whatever order, and tells its end once for each time that it began.
    #[test]
    fn every_history_ends_and_is_told_whole(mode in prop_oneof![Just("SUPERSEDED"), Just("QUEUED")], steps in prop::collection::vec(step(), 1..40)) {
        let mut bench = Bench::new(mode, &[json!([approval()]), json!([build("Good", "p", 1), build("Bad", "fails", 2)])]);
        let mut ids = Vec::new();
        for step in steps {
            match step {
                Step::Start => ids.push(bench.start()),
                Step::Pass(seconds) => bench.pass(Duration::from_secs(seconds)),
                Step::Stop(which, abandon) => if let Some(id) = ids.get(which).cloned() {
                    let _ = bench.ask(|engine, now| engine.stop("app", &id, abandon, None, now));
                },
                Step::Retry(which, all) => if let Some(id) = ids.get(which).cloned() {
                    let _ = bench.ask(|engine, now| engine.retry("app", "Stage2", &id, all, now));
                },
                Step::Approve(which, yes) => {
                    let asked = bench.world.begun.iter().filter_map(|order| order.approval.clone()).nth(which);
                    if let Some((token, _)) = asked {
                        let _ = bench.approve(&token, yes);
                    }
                }
                Step::Transition(close) => {
                    let reason = close.then(|| "closed".to_owned());
                    bench.ask(|engine, now| engine.set_transition("app", "Stage1", reason, now)).unwrap();
                }
            }
        }
        bench.ask(|engine, now| engine.set_transition("app", "Stage1", None, now)).unwrap();
        // Each may wait its week for an approval, one after the other.
        bench.pass(8 * DAY * u32::try_from(ids.len() + 1).unwrap());
        for id in &ids {
            prop_assert!(bench.status(id).is_over());
            let told = bench.told(id);
            let of_pipeline: Vec<&str> = told.iter().filter_map(|line| line.strip_prefix("Pipeline app ")).collect();
            let begun = of_pipeline.iter().filter(|state| ["STARTED", "RESUMED"].contains(state)).count();
            let over = of_pipeline.iter().filter(|state| !["STARTED", "RESUMED", "STOPPING"].contains(state)).count();
            prop_assert_eq!(begun, over, "{:?}", told);
            prop_assert_eq!(told.last().map(|line| line.starts_with("Pipeline")), Some(true));
        }
        let numbers: Vec<u64> = bench.world.events.keys().copied().collect();
        prop_assert_eq!(numbers.len() as u64, numbers.last().map_or(0, |last| last + 1), "a number is missing");
    }
}
