//! The engine in simulation: failures at every call, in every phase, with every order of answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::cloudformation::events::STACK_TYPE;
use crate::cloudformation::parameters::Given;
use crate::cloudformation::plan::{Draft, Prepared, Settings, StackIdentity};
use crate::cloudformation::provider::Actor;
use crate::cloudformation::status::{OnFailure, Progress, StackStatus};
use crate::cloudformation::template::Source;
use crate::cloudformation::world::{World, lookup};
use crate::core::{Caller, Simulation};

/// A diamond with a tail; a resource of its own; one that is kept when it is replaced.
const OLD: &str = "
Resources:
  Base: {Type: Test::Thing, Properties: {Name: base, Value: 1}}
  Left: {Type: Test::Thing, Properties: {Value: !Sub '${Base}-l'}}
  Right: {Type: Test::Thing, Properties: {Value: !GetAtt Base.Value}}
  Top: {Type: Test::Thing, DependsOn: [Left], Properties: {Value: !Ref Right, Other: 1}}
  Alone: {Type: Test::Thing, Properties: {Value: same}}
  Gone: {Type: Test::Thing, Properties: {Value: !Ref Top}}
Outputs:
  Top: {Value: !Ref Top}
";

/// Base is replaced and so everything above it changes; one is new, one goes, one stays.
const NEW: &str = "
Resources:
  Base: {Type: Test::Thing, Properties: {Name: other, Value: 2}}
  Left: {Type: Test::Thing, Properties: {Value: !Sub '${Base}-l'}}
  Right: {Type: Test::Thing, Properties: {Value: !GetAtt Base.Value}}
  Top: {Type: Test::Thing, DependsOn: [Left, Added], Properties: {Value: !Ref Right, Other: 2}}
  Alone: {Type: Test::Thing, Properties: {Value: same}}
  Added: {Type: Test::Thing, Properties: {Value: !Ref Base}}
Outputs:
  Top: {Value: !Ref Added}
";

fn prepare(template: &str) -> Arc<Prepared> {
    let world = World::new();
    let draft = Draft {
        stack: identity(),
        source: Source::read(template.to_owned()).unwrap(),
        given: Vec::<Given>::new(),
        previous: Vec::new(),
        settings: Settings::default(),
        acknowledged: Vec::new(),
        exports: BTreeMap::new(),
        live: BTreeMap::new(),
        allowed_types: Vec::new(),
        caller: Caller::root(),
        direct: true,
    };
    futures::executor::block_on(Prepared::of(&world.hub, lookup, draft)).unwrap()
}

fn actor() -> Actor {
    Actor { caller: Caller::root(), role: None }
}

fn deletion() -> Input {
    Input::Delete(Delete { retain: Vec::new(), token: None, exports: Exports::default(), actor: actor() })
}

fn identity() -> StackIdentity {
    StackIdentity { name: "s".to_owned(), id: "arn:s".to_owned() }
}

fn begin(kind: Kind, template: &str, on_failure: OnFailure) -> Input {
    Input::Begin(Box::new(Begin {
        kind,
        target: prepare(template),
        token: Some("t".to_owned()),
        on_failure,
        retain_except_on_create: false,
        timeout: None,
        exports: Exports::default(),
        change_set: None,
        policy: None,
        actor: actor(),
    }))
}

/// The physical things, and how they answer.
#[derive(Clone, Debug, Default)]
struct Things {
    things: BTreeMap<String, Value>,
    made: usize,
    /// The calls so far, in their order.
    calls: Vec<Call>,
    /// The calls that fail, by their number.
    failing: BTreeSet<usize>,
    /// True if deletions succeed whatever [`Self::failing`] says.
    deletes_work: bool,
    /// The seconds that each call takes, in turn; an hour when nothing is said.
    delays: Vec<u64>,
}

impl Things {
    fn answer(&mut self, effect: Effect, now: Timestamp) -> Vec<(Timestamp, Input)> {
        let Effect::Call(call) = effect else { return Vec::new() };
        let number = self.calls.len();
        self.calls.push(call.clone());
        let delay = self.delays.get(number % self.delays.len().max(1)).copied().unwrap_or(3600);
        let at = now + Duration::from_secs(delay);
        let spared = self.deletes_work && matches!(call.action, CallAction::Delete { .. });
        let failed = self.failing.contains(&number) && !spared;
        vec![(at, Input::Done { call: call.id, result: self.perform(&call, failed) })]
    }

    fn perform(&mut self, call: &Call, failed: bool) -> Result<Option<Resource>, ServiceError> {
        let error = Err(ServiceError::new("Broken", format!("{} broke", call.logical_id)));
        let resource = |id: &str, properties: &Value| {
            let attributes = Map::from_iter([("Value".to_owned(), properties["Value"].clone())]);
            Ok(Some(Resource { physical_id: id.to_owned(), attributes }))
        };
        match &call.action {
            CallAction::Create { properties } => {
                if failed {
                    return error;
                }
                self.made += 1;
                let id = format!("{}-{}", call.logical_id, self.made);
                self.things.insert(id.clone(), properties.clone());
                resource(&id, properties)
            }
            CallAction::Update { current, new, .. } => {
                // An update that fails leaves something that is neither the old nor the new.
                let becomes = if failed { json!({ "Value": "half" }) } else { new.clone() };
                assert!(self.things.insert(current.physical_id.clone(), becomes).is_some(), "it updates what is gone");
                if failed { error } else { resource(&current.physical_id, new) }
            }
            CallAction::Delete { current, .. } => {
                if failed {
                    return error;
                }
                assert!(self.things.remove(&current.physical_id).is_some(), "it deletes what is gone");
                Ok(None)
            }
        }
    }
}

struct Trial {
    simulation: Simulation<StackEngine>,
    things: Things,
}

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const DAYS: Duration = Duration::from_secs(10 * 86_400);

/// Checks after every step: a status says whether somebody works, the history tells it and is in order, and no physical
/// resource stands for two logical ones.
fn is_consistent(engine: &StackEngine, now: Timestamp) {
    let stack = &engine.stack;
    // A rollback that failed is kept, to be continued.
    let unfinished = stack.status.is_busy() || stack.status == StackStatus::UpdateRollbackFailed;
    assert_eq!(unfinished, engine.run.is_some(), "{}", stack.status.as_str());
    assert!(stack.events.is_sorted_by(|one, next| one.at < next.at), "events out of order");
    // Events of one moment are told apart by a millisecond each.
    let ahead = now + Duration::from_millis(stack.events.len() as u64);
    assert!(stack.events.last().is_none_or(|event| event.at <= ahead), "an event of the future");
    if let Some(last) = stack.events.iter().rfind(|event| event.resource_type == STACK_TYPE) {
        assert_eq!(last.status, stack.status.as_str(), "a status that nobody was told of");
    }
    let live = stack.resources.values().filter_map(|resource| resource.live.as_ref());
    let every: Vec<_> = live.chain(stack.leftovers.iter().map(|leftover| &leftover.live)).collect();
    let distinct: BTreeSet<_> = every.iter().map(|live| &live.resource.physical_id).collect();
    assert_eq!(distinct.len(), every.len(), "a physical resource is there twice");
    if !stack.status.is_busy() {
        let under_way = stack.resources.values().find(|resource| resource.status.1 == Progress::Started);
        assert!(under_way.is_none(), "{} with {under_way:?}", stack.status.as_str());
    }
}

impl Trial {
    fn new() -> Self {
        let engine = StackEngine::new(Stack::new(identity(), START), lookup, Ids::seeded(1));
        Self { simulation: Simulation::new(engine, START).holding(is_consistent), things: Things::default() }
    }

    /// A stack made of [`OLD`].
    fn created() -> Self {
        let mut trial = Self::new();
        trial.run(begin(Kind::Create, OLD, OnFailure::Rollback));
        assert_eq!(trial.status(), StackStatus::CreateComplete);
        trial.things.calls.clear();
        trial
    }

    /// Hands the engine an input and lets everything happen.
    fn run(&mut self, input: Input) {
        self.at(Duration::ZERO, input);
        self.rest();
    }

    fn at(&mut self, after: Duration, input: Input) {
        self.simulation.at(self.simulation.now() + after, input);
    }

    fn rest(&mut self) {
        let until = self.simulation.now() + DAYS;
        let things = &mut self.things;
        self.simulation.run_until(until, |effect, now| things.answer(effect, now));
    }

    fn status(&self) -> StackStatus {
        self.simulation.engine.stack.status
    }

    /// The resources that the stack believes to exist: properties by physical id.
    fn believed(&self) -> BTreeMap<String, Value> {
        let stack = &self.simulation.engine.stack;
        let live = stack.resources.values().filter_map(|resource| resource.live.as_ref());
        live.chain(stack.leftovers.iter().map(|leftover| &leftover.live))
            .map(|live| (live.resource.physical_id.clone(), live.properties.clone()))
            .collect()
    }

    fn events(&self) -> Vec<String> {
        let line = |event: &crate::cloudformation::events::StackEvent| {
            format!("{} {} {}", event.logical_id, event.status, event.reason.clone().unwrap_or_default())
        };
        self.simulation.engine.stack.events.iter().map(line).collect()
    }

    fn lives(&self) -> BTreeMap<String, crate::cloudformation::stack::Live> {
        let resources = self.simulation.engine.stack.resources.iter();
        resources.filter_map(|(id, resource)| Some((id.clone(), resource.live.clone()?))).collect()
    }
}

#[test]
fn an_update_replaces_adds_removes_and_leaves_the_rest_alone() {
    let mut trial = Trial::created();
    let alone = trial.simulation.engine.stack.live("Alone").cloned();
    trial.run(begin(Kind::Update, NEW, OnFailure::Rollback));
    assert_eq!(trial.status(), StackStatus::UpdateComplete, "{:#?}", trial.events());
    assert_eq!(trial.things.things, trial.believed());
    assert_eq!(trial.simulation.engine.stack.live("Alone").cloned(), alone);
    assert!(trial.things.calls.iter().all(|call| call.logical_id != "Alone"));
    let ids: Vec<&String> = trial.simulation.engine.stack.resources.keys().collect();
    assert_eq!(ids, ["Base", "Alone", "Left", "Right", "Top", "Added"]);
    assert_eq!(
        trial.simulation.engine.stack.outputs[0].value,
        trial.simulation.engine.stack.live("Added").unwrap().resource.physical_id
    );
    // The old template's order, backwards: what refers to a thing goes before it.
    let deleted: Vec<&str> = trial
        .things
        .calls
        .iter()
        .filter(|call| matches!(call.action, CallAction::Delete { .. }))
        .map(|call| call.logical_id.as_str())
        .collect();
    assert_eq!(deleted, ["Gone", "Base"]);
}

#[test]
fn after_a_failure_at_any_call_of_an_update_everything_is_as_before() {
    let mut complete = Trial::created();
    complete.run(begin(Kind::Update, NEW, OnFailure::Rollback));
    let forward = complete.things.calls.iter().filter(|call| !matches!(call.action, CallAction::Delete { .. })).count();
    assert_eq!(forward, 5);
    for call in 0..forward {
        let mut trial = Trial::created();
        let (things, lives) = (trial.things.things.clone(), trial.lives());
        trial.things.failing = BTreeSet::from([call]);
        trial.run(begin(Kind::Update, NEW, OnFailure::Rollback));
        assert_eq!(trial.status(), StackStatus::UpdateRollbackComplete, "{:#?}", trial.events());
        assert_eq!(trial.things.things, things, "call {call} failed: {:#?}", trial.events());
        assert_eq!(trial.lives(), lives, "call {call} failed");
        assert!(trial.simulation.engine.stack.leftovers.is_empty());
        assert_eq!(trial.simulation.engine.stack.outputs[0].value, lives["Top"].resource.physical_id);
    }
}

#[test]
fn after_a_failure_at_any_call_of_a_creation_nothing_is_left() {
    for call in 0..6 {
        for (on_failure, status) in
            [(OnFailure::Rollback, StackStatus::RollbackComplete), (OnFailure::Delete, StackStatus::DeleteComplete)]
        {
            let mut trial = Trial::new();
            trial.things.failing = BTreeSet::from([call]);
            trial.run(begin(Kind::Create, OLD, on_failure));
            assert_eq!(trial.status(), status, "{:#?}", trial.events());
            assert!(trial.things.things.is_empty());
        }
    }
}

#[test]
fn a_rollback_that_fails_can_be_continued() {
    let mut trial = Trial::created();
    let things = trial.things.things.clone();
    // Base is replaced, then Left and Right change; Added fails; putting Left back fails too.
    let added = 3;
    trial.things.failing = BTreeSet::from([added, added + 1]);
    trial.run(begin(Kind::Update, NEW, OnFailure::Rollback));
    assert_eq!(trial.status(), StackStatus::UpdateRollbackFailed, "{:#?}", trial.events());
    let reason = trial.simulation.engine.stack.status_reason.clone().unwrap();
    assert!(reason.starts_with("The following resource(s) failed to update: ["), "{reason}");
    assert_ne!(trial.things.things, things);
    trial.run(Input::ContinueRollback { skip: Vec::new(), token: None });
    assert_eq!(trial.status(), StackStatus::UpdateRollbackComplete, "{:#?}", trial.events());
    assert_eq!(trial.things.things, things);
}

#[test]
fn a_rollback_that_fails_can_skip_what_fails_and_the_next_update_repairs_it() {
    let mut trial = Trial::created();
    trial.things.failing = BTreeSet::from([3, 4]);
    trial.run(begin(Kind::Update, NEW, OnFailure::Rollback));
    let stuck: Vec<String> = trial.lives().into_iter().filter(|(_, live)| live.dirty).map(|(id, _)| id).collect();
    trial.run(Input::ContinueRollback { skip: stuck.clone(), token: None });
    assert_eq!(trial.status(), StackStatus::UpdateRollbackComplete, "{:#?}", trial.events());
    trial.run(begin(Kind::Update, OLD, OnFailure::Rollback));
    assert_eq!(trial.status(), StackStatus::UpdateComplete);
    assert_eq!(trial.things.things, trial.believed());
    assert!(stuck.len() == 1 && trial.lives().values().all(|live| !live.dirty));
}

#[test]
fn with_the_rollback_disabled_what_worked_stays_and_the_next_update_goes_on() {
    let mut trial = Trial::created();
    trial.things.failing = BTreeSet::from([1]);
    trial.run(begin(Kind::Update, NEW, OnFailure::DoNothing));
    assert_eq!(trial.status(), StackStatus::UpdateFailed, "{:#?}", trial.events());
    trial.things.failing.clear();
    trial.run(begin(Kind::Update, NEW, OnFailure::Rollback));
    assert_eq!(trial.status(), StackStatus::UpdateComplete, "{:#?}", trial.events());
    assert_eq!(trial.things.things, trial.believed());
    assert_eq!(trial.things.things.len(), 6);
}

#[test]
fn a_creation_that_takes_too_long_is_rolled_back() {
    let mut trial = Trial::new();
    let Input::Begin(mut create) = begin(Kind::Create, OLD, OnFailure::Rollback) else { unreachable!() };
    create.timeout = Some(Duration::from_secs(5400));
    trial.run(Input::Begin(create));
    assert_eq!(trial.status(), StackStatus::RollbackComplete);
    let events = trial.events();
    let reason =
        "s ROLLBACK_IN_PROGRESS Stack creation time exceeded the specified timeout. Rollback requested by user.";
    assert!(events.contains(&reason.to_owned()), "{events:#?}");
    assert!(events.contains(&"Left CREATE_FAILED Resource creation cancelled".to_owned()), "{events:#?}");
    assert!(trial.things.things.is_empty());
}

#[test]
fn a_cleanup_that_fails_is_told_and_does_not_fail_the_update() {
    let mut trial = Trial::created();
    trial.things.failing = BTreeSet::from([5]);
    trial.run(begin(Kind::Update, NEW, OnFailure::Rollback));
    assert_eq!(trial.status(), StackStatus::UpdateComplete);
    assert!(trial.events().iter().any(|event| event.starts_with("Gone DELETE_FAILED Resource handler returned")));
}

/// Checks that every call began only when the calls for what it needs were answered.
fn in_order(trial: &Trial, needs: &[(&str, &str)]) {
    let position = |id: &str| trial.things.calls.iter().position(|call| call.logical_id == id);
    for (above, below) in needs {
        if let (Some(above_at), Some(below_at)) = (position(above), position(below)) {
            assert!(below_at < above_at, "{above} began before {below}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_fails_whenever_an_update_is_done_whole_or_not_at_all(
        delays in prop::collection::vec(0_u64..500, 1..12),
        failing in prop::collection::btree_set(0_usize..5, 0..2),
        cancel in prop::option::of(0_u64..2_000),
    ) {
        let mut trial = Trial::created();
        let (things, lives) = (trial.things.things.clone(), trial.lives());
        trial.things.delays = delays;
        trial.things.failing = failing;
        trial.things.deletes_work = true;
        trial.at(Duration::ZERO, begin(Kind::Update, NEW, OnFailure::Rollback));
        if let Some(cancel) = cancel {
            trial.at(Duration::from_secs(cancel), Input::CancelUpdate { token: None });
        }
        trial.rest();
        in_order(&trial, &[("Left", "Base"), ("Right", "Base"), ("Top", "Left"), ("Top", "Added"), ("Added", "Base")]);
        match trial.status() {
            StackStatus::UpdateComplete => {
                prop_assert_eq!(trial.things.things.len(), 6);
                prop_assert_eq!(&trial.things.things, &trial.believed());
            }
            // After a cancellation, it is the rollback that meets the failure.
            StackStatus::UpdateRollbackFailed => {
                trial.things.failing.clear();
                trial.run(Input::ContinueRollback { skip: Vec::new(), token: None });
                prop_assert_eq!(&trial.things.things, &things);
            }
            StackStatus::UpdateRollbackComplete => {
                prop_assert_eq!(&trial.things.things, &things);
                prop_assert_eq!(&trial.lives(), &lives);
            }
            other => prop_assert!(false, "{} {:#?}", other.as_str(), trial.events()),
        }
        prop_assert!(trial.simulation.engine.wake_at().is_none());
    }

    #[test]
    fn a_creation_deleted_at_any_moment_leaves_nothing(
        delays in prop::collection::vec(0_u64..500, 1..12),
        failing in prop::option::of(0_usize..6),
        delete in 0_u64..2_000,
    ) {
        let mut trial = Trial::new();
        trial.things.delays = delays;
        trial.things.failing = failing.into_iter().collect();
        trial.at(Duration::ZERO, begin(Kind::Create, OLD, OnFailure::Rollback));
        trial.at(Duration::from_secs(delete), deletion());
        trial.rest();
        if trial.status() == StackStatus::DeleteFailed {
            trial.things.failing.clear();
            trial.run(deletion());
        }
        prop_assert_eq!(trial.status(), StackStatus::DeleteComplete, "{:#?}", trial.events());
        prop_assert!(trial.things.things.is_empty(), "{:#?}", trial.events());
    }
}
