//! Any call may fail and the process die anywhere: the same end, one execution, one notification.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::fakes::Failure;
use slipway_shared::release::{ReleaseRecord, ReleaseState};

use crate::world::{EXECUTION, STACK, World};

/// Longer than any lock lasts.
const LATER: Duration = Duration::from_secs(16 * 60);

/// One whole life: the pipeline's event, the stack's end, and the schedule. The first invocation (or the second) has a fault.
struct Life {
    fault: Option<(Invocation, usize, Failure)>,
    end: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Invocation {
    Pipeline,
    Stack,
}

struct Ended {
    record: ReleaseRecord,
    executions: usize,
    notifications: usize,
    /// The calls of the invocation that had the fault.
    calls: Vec<&'static str>,
}

impl Life {
    async fn live(&self) -> Ended {
        let world = World::ready();
        let mut calls = Vec::new();
        self.arm(&world, Invocation::Pipeline);
        let first = world.succeed(EXECUTION).await;
        self.note(&world, Invocation::Pipeline, &mut calls);
        if first.is_err() {
            world.clock.advance(LATER);
            world.succeed(EXECUTION).await.unwrap();
        }
        assert_eq!(world.stacks.executions(), [EXECUTION], "{:?}", self.fault);
        world.stacks.add_event(STACK, "ApiAlias", "UPDATE_FAILED", "no good");
        let event = world.stacks.end(STACK, self.end);
        self.arm(&world, Invocation::Stack);
        let second = world.close(&event).await;
        self.note(&world, Invocation::Stack, &mut calls);
        if second.is_err() {
            world.clock.advance(LATER);
            world.close(&event).await.unwrap();
        }
        // Late duplicates and the schedule.
        world.succeed(EXECUTION).await.unwrap();
        world.close(&event).await.unwrap();
        world.clock.advance(LATER);
        world.reconcile().await.unwrap();
        world.clock.advance(LATER);
        world.reconcile().await.unwrap();
        Ended {
            record: world.record(EXECUTION),
            executions: world.stacks.executions().len(),
            notifications: world.notifications.sent().len(),
            calls,
        }
    }

    fn arm(&self, world: &World, invocation: Invocation) {
        world.fuse.mend();
        if let Some((_, call, failure)) = self.fault.filter(|(at, ..)| *at == invocation) {
            world.fuse.blow_at(call, failure);
        }
    }

    fn note(&self, world: &World, invocation: Invocation, calls: &mut Vec<&'static str>) {
        if self.fault.is_some_and(|(at, ..)| at == invocation) {
            *calls = world.fuse.calls();
        }
        world.fuse.mend();
    }
}

/// The record without the times, which a retry makes later.
fn timeless(record: &ReleaseRecord) -> ReleaseRecord {
    let none = Timestamp::UNIX_EPOCH;
    let (closed_at, notified_at) = (record.closed_at.map(|_| none), record.notified_at.map(|_| none));
    ReleaseRecord { entered_at: none, updated_at: none, closed_at, notified_at, ..record.clone() }
}

/// Lives through a fault at every call of `invocation`, and hands each end to `check` with the operation that failed.
async fn at_every_call(
    invocation: Invocation,
    failure: Failure,
    end: &'static str,
    check: impl Fn(&'static str, &Ended, &Ended),
) {
    let whole = Life { fault: None, end }.live().await;
    let mut call = 0;
    loop {
        let ended = Life { fault: Some((invocation, call, failure)), end }.live().await;
        // The fault lay beyond the last call: every call has had its turn.
        let Some(operation) = ended.calls.get(call).copied() else { break };
        check(operation, &ended, &whole);
        call += 1;
    }
    let fewest = if invocation == Invocation::Pipeline { 15 } else { 7 };
    assert!(call >= fewest, "only {call} calls were tried");
}

fn same_end(operation: &str, ended: &Ended, whole: &Ended) {
    assert_eq!(timeless(&ended.record), timeless(&whole.record), "after a fault in {operation}");
    assert_eq!(ended.executions, 1, "after a fault in {operation}");
}

#[tokio::test]
async fn a_call_that_is_refused_changes_nothing_about_the_end() {
    for invocation in [Invocation::Pipeline, Invocation::Stack] {
        for end in ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"] {
            at_every_call(invocation, Failure::Refused, end, |operation, ended, whole| {
                same_end(operation, ended, whole);
                assert_eq!(ended.notifications, 1, "after a fault in {operation}");
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_changes_nothing_about_the_end() {
    for invocation in [Invocation::Pipeline, Invocation::Stack] {
        at_every_call(invocation, Failure::AnswerLost, "UPDATE_COMPLETE", |operation, ended, whole| {
            same_end(operation, ended, whole);
            // Whether a message went out whose answer is lost, nobody can know: one too many is better than none.
            let most = if operation == "Publish" { 2 } else { 1 };
            assert!((1..=most).contains(&ended.notifications), "{} after {operation}", ended.notifications);
        })
        .await;
    }
}

#[tokio::test]
async fn a_process_that_dies_changes_nothing_about_the_end() {
    for invocation in [Invocation::Pipeline, Invocation::Stack] {
        let told_twice = std::cell::Cell::new(0);
        at_every_call(invocation, Failure::Death, "UPDATE_ROLLBACK_COMPLETE", |operation, ended, whole| {
            same_end(operation, ended, whole);
            assert!((1..=2).contains(&ended.notifications), "{} after {operation}", ended.notifications);
            told_twice.set(told_twice.get() + usize::from(ended.notifications == 2));
        })
        .await;
        // The one moment that nothing can tell apart: sent, and dead before the note of it.
        assert!(told_twice.get() <= 1, "{} moments", told_twice.get());
    }
}

#[tokio::test]
async fn the_whole_life_ends_as_it_should() {
    let ended = Life { fault: None, end: "UPDATE_COMPLETE" }.live().await;
    assert_eq!(ended.record.state, ReleaseState::Succeeded);
    assert_eq!((ended.executions, ended.notifications), (1, 1));
}
