//! The laws that hold whatever happens.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use slipway_shared::release::{Live, ReleaseState};

use super::universe::Universe;

/// At any time: nothing is executed twice, what is over stays as it is, and what is live never gets older.
pub(super) fn at_any_time(universe: &mut Universe) -> Result<(), TestCaseError> {
    let world = &universe.world;
    let executions = world.stacks.executions();
    prop_assert_eq!(executions.iter().collect::<BTreeSet<_>>().len(), executions.len(), "{:?}", executions);
    for record in world.releases.records(&world.key()) {
        if let Some(closed) = universe.closed.get(&record.execution_id) {
            prop_assert_eq!(*closed, record.state, "{}", record.execution_id);
        } else if record.state.is_closed() {
            universe.closed.insert(record.execution_id.clone(), record.state);
        }
    }
    let live = world.state().live.map(|live| live.order);
    prop_assert!(live >= universe.live, "{:?} after {:?}", live, universe.live);
    universe.live = live;
    Ok(())
}

/// In the end: the newest good release is live and published, nobody holds the lock, everything is over, and people know.
pub(super) fn in_the_end(universe: &mut Universe) -> Result<(), TestCaseError> {
    at_any_time(universe)?;
    let (world, key) = (&universe.world, universe.world.key());
    let state = world.state();
    prop_assert_eq!(&state.lock, &None);
    prop_assert_eq!(&state.leading, &None);
    prop_assert!(state.tickets.is_empty(), "{:?}", state.tickets);
    let records = world.releases.records(&key);
    for record in &records {
        prop_assert!(record.state.is_closed(), "{:?}", record);
        if record.state == ReleaseState::Superseded {
            let newer = records.iter().filter(|other| other.execution_started > record.execution_started);
            let mut newer = newer.map(|other| other.state);
            prop_assert!(
                newer.any(|state| matches!(state, ReleaseState::Succeeded | ReleaseState::Unchanged)),
                "{:?}",
                record
            );
        }
    }
    // A release whose build CodePipeline did not show for a quarter of an hour is given up.
    let given_up = |id: &str| {
        let record = world.releases.record(&key, id);
        record.and_then(|record| record.reason).is_some_and(|reason| reason.contains("even after"))
    };
    let newest = universe.pushes.iter().rev().find(|push| push.good && !given_up(&push.id));
    let live = state.live.as_ref();
    let expected = newest.and_then(|push| world.releases.record(&key, &push.id)?.execution_started);
    prop_assert_eq!(live.map(|live| live.order), expected, "{:?}", records);
    let names = world.settings.names();
    let published = world.parameters.value(&names.current()).map(|text| serde_json::from_str::<Live>(&text).unwrap());
    prop_assert_eq!(published.as_ref(), live);
    tells_once(universe, &records.iter().map(|record| record.execution_id.as_str()).collect::<Vec<_>>())?;
    in_order(universe)
}

/// Each outcome is told, and once, but for an attempt that died between a message and its note.
fn tells_once(universe: &Universe, releases: &[&str]) -> Result<(), TestCaseError> {
    let sent = universe.world.notifications.sent();
    let mut twice = 0;
    for release in releases {
        let told = sent.iter().filter(|message| message.body.contains(&format!("execution {release}\n"))).count();
        prop_assert!(told >= 1, "nobody was told of {}", release);
        twice += told - 1;
    }
    prop_assert!(twice <= universe.faults, "{} messages too many, {} faults", twice, universe.faults);
    Ok(())
}

/// What succeeds is newer each time.
fn in_order(universe: &Universe) -> Result<(), TestCaseError> {
    let world = &universe.world;
    let executions = world.stacks.executions();
    let records = executions.iter().filter_map(|id| world.releases.record(&world.key(), id));
    let succeeded = records.filter(|record| record.state == ReleaseState::Succeeded);
    let times: Vec<_> = succeeded.filter_map(|record| record.execution_started).collect();
    prop_assert!(times.is_sorted(), "what is live got older: {:?}", executions);
    Ok(())
}
