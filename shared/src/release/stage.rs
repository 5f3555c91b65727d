//! The state of a stage: its queue of releases, the one that leads, the one that is live, and the lock. Pure.
//!
//! All of it is one item that is written by compare-and-set, so that what one attempt decides another sees. An attempt that does not hold
//! the lock adds to it alone: a [`Ticket`], or the end of the stack's operation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Content, ReleaseRecord};

/// The version of the state's form that this code writes. It works on none of a later one.
pub const STAGE_VERSION: u32 = 1;

/// The state of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageState {
    /// The version of the state's form.
    pub version: u32,
    /// The releases that are open, and the closed ones of which people were not told.
    #[serde(default)]
    pub tickets: Vec<Ticket>,
    /// The release whose change set is being executed, or is about to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leading: Option<String>,
    /// The release that all users have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
    /// The release that was live before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Live>,
    /// True if Parameter Store does not have `live` and `previous` yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpublished: bool,
    /// The end of an operation of which an event told while nobody could look after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// The time at which the last release was seen to be over: an update of the stack that began later is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
    /// The attempt that works on the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
    /// The number of times that the lock was taken.
    #[serde(default)]
    pub fence: u64,
}

/// A release in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// The release.
    pub release: String,
    /// Its place in the order of releases: the start of its pipeline execution. None until that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Timestamp>,
    /// The time at which it entered.
    pub entered_at: Timestamp,
    /// True if it is over, and people were not told yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// True if the pipeline's event said already that the execution was started as usual: a rollback is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordinary: bool,
}

/// A release that all users have, or had.
///
/// Its JSON is the value of the parameters `current` and `previous`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Live {
    /// The release, by its pipeline execution.
    pub execution_id: String,
    /// Its place in the order of releases; later if a newer one turned out to have the same content.
    pub order: Timestamp,
    /// The time since which it is live.
    pub since: Timestamp,
    /// Its content.
    pub content: Content,
}

/// The end of an operation on the stack, as an event told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// The token of the operation; none where the event had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The status in which the stack ended.
    pub status: String,
    /// CloudFormation's words on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The right to work on a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// The attempt that has it.
    pub holder: String,
    /// The number of the taking. It only ever grows.
    pub fence: u64,
    /// The time after which its holder can be alive no more.
    pub until: Timestamp,
}

/// The order in which a stage takes the releases that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Queue {
    /// The newest first; older ones end as superseded once it is live, and make up for it if it fails.
    #[default]
    Newest,
    /// Each, the oldest first.
    InOrder,
}

/// The lock went to another attempt, because it was held for too long.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the lock of the stage went to another attempt")]
pub struct LockLost;

impl Default for StageState {
    fn default() -> Self {
        Self {
            version: STAGE_VERSION,
            tickets: Vec::new(),
            leading: None,
            live: None,
            previous: None,
            unpublished: false,
            ended: None,
            settled_at: None,
            lock: None,
            fence: 0,
        }
    }
}

impl StageState {
    /// The ticket of a release.
    #[must_use]
    pub fn ticket(&self, release: &str) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.release == release)
    }

    /// The ticket of a release, to be changed.
    pub fn ticket_mut(&mut self, release: &str) -> Option<&mut Ticket> {
        self.tickets.iter_mut().find(|ticket| ticket.release == release)
    }

    /// Takes a release into the queue, unless it is there.
    pub fn enter(&mut self, release: &str, ordinary: bool, now: Timestamp) {
        match self.ticket_mut(release) {
            Some(ticket) => ticket.ordinary |= ordinary,
            None => self.tickets.push(Ticket {
                release: release.to_owned(),
                order: None,
                entered_at: now,
                closed: false,
                ordinary,
            }),
        }
    }

    /// True if another attempt than `holder` has the lock.
    #[must_use]
    pub fn is_held_against(&self, holder: &str, now: Timestamp) -> bool {
        self.lock.as_ref().is_some_and(|lock| lock.holder != holder && lock.until > now)
    }

    /// Gives the lock to an attempt, whoever has it.
    pub fn take_lock(&mut self, holder: &str, until: Timestamp) {
        self.fence += 1;
        self.lock = Some(Lock { holder: holder.to_owned(), fence: self.fence, until });
    }

    /// Takes over what others added since `base`, of which `stored` is what became of it while the holder of the lock worked on this.
    ///
    /// # Errors
    /// The lock of `stored` is not the holder's any more.
    pub fn merge(&mut self, base: &Self, stored: &Self) -> Result<(), LockLost> {
        if stored.fence != base.fence || stored.lock != base.lock {
            return Err(LockLost);
        }
        let added = stored.tickets.iter().filter(|ticket| base.ticket(&ticket.release).is_none());
        for ticket in added {
            if self.ticket(&ticket.release).is_none() {
                self.tickets.push(ticket.clone());
            }
        }
        if stored.ended != base.ended {
            self.ended.clone_from(&stored.ended);
        }
        Ok(())
    }

    /// The release to work on next: the first in the order of the queue that waits, whose order is known, and that can be used.
    pub fn next(&self, queue: Queue, is_usable: impl Fn(&str) -> bool) -> Option<&Ticket> {
        let waiting = self.waiting().filter(|ticket| ticket.order.is_some() && is_usable(&ticket.release));
        match queue {
            Queue::Newest => waiting.max_by_key(|ticket| ticket.place()),
            Queue::InOrder => waiting.min_by_key(|ticket| ticket.place()),
        }
    }

    /// The releases that wait although a newer one is live.
    #[must_use]
    pub fn superseded(&self) -> Vec<String> {
        let Some(live) = &self.live else { return Vec::new() };
        let older = self.waiting().filter(|ticket| ticket.order.is_some_and(|order| order < live.order));
        older.map(|ticket| ticket.release.clone()).collect()
    }

    /// The releases that wait: neither over nor leading.
    pub fn waiting(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter().filter(|ticket| !ticket.closed && self.leading.as_deref() != Some(&ticket.release))
    }

    /// A release is what all users have now.
    pub fn goes_live(&mut self, record: &ReleaseRecord, now: Timestamp) {
        let order = self.ticket(&record.execution_id).and_then(|ticket| ticket.order);
        let order = order.or(record.execution_started).unwrap_or(record.entered_at);
        let Some(content) = record.content.clone() else { return };
        match &mut self.live {
            // A rebuild of what is live: newer in order, and nothing else.
            Some(live) if live.content.release == content.release && live.content.manifest == content.manifest => {
                live.order = live.order.max(order);
            }
            live => {
                let new = Live { execution_id: record.execution_id.clone(), order, since: now, content };
                self.previous = live.replace(new);
            }
        }
        self.unpublished = true;
    }
}

impl Ticket {
    /// Its place among others; of two that began at once the ids decide, so that everybody decides alike.
    fn place(&self) -> (Option<Timestamp>, &str) {
        (self.order, &self.release)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn state(orders: &[(&str, i64)]) -> StageState {
        let mut state = StageState::default();
        for (release, order) in orders {
            state.enter(release, true, at(100));
            state.ticket_mut(release).unwrap().order = Some(at(*order));
        }
        state
    }

    fn record(release: &str, digest: &str) -> ReleaseRecord {
        let mut record = ReleaseRecord::entered(release, "p", "s", at(100));
        record.content = Some(Content { release: digest.into(), commit: "c".into(), manifest: None });
        record
    }

    #[test]
    fn a_queue_takes_the_newest_or_the_oldest_and_never_one_that_leads_or_is_over() {
        let mut state = state(&[("b", 2), ("c", 3), ("a", 1)]);
        assert_eq!(state.next(Queue::Newest, |_| true).unwrap().release, "c");
        assert_eq!(state.next(Queue::InOrder, |_| true).unwrap().release, "a");
        assert_eq!(state.next(Queue::Newest, |release| release != "c").unwrap().release, "b");
        state.leading = Some("c".into());
        state.ticket_mut("a").unwrap().closed = true;
        assert_eq!(state.next(Queue::Newest, |_| true).unwrap().release, "b");
        assert_eq!(state.next(Queue::InOrder, |_| true).unwrap().release, "b");
    }

    #[test]
    fn an_older_release_is_superseded_by_a_live_one_alone() {
        let mut state = state(&[("a", 1), ("b", 2), ("c", 3)]);
        state.leading = Some("c".into());
        assert_eq!(state.superseded(), Vec::<String>::new());
        state.goes_live(&record("b", "1"), at(101));
        assert_eq!(state.superseded(), ["a"]);
    }

    #[test]
    fn a_rebuild_of_what_is_live_is_newer_and_nothing_else() {
        let mut state = state(&[("a", 1), ("b", 2), ("c", 3)]);
        state.goes_live(&record("a", "1"), at(101));
        state.goes_live(&record("b", "1"), at(102));
        let live = state.live.clone().unwrap();
        assert_eq!((live.execution_id.as_str(), live.order, live.since), ("a", at(2), at(101)));
        state.goes_live(&record("c", "2"), at(103));
        assert_eq!(state.previous, Some(live));
        assert_eq!(state.live.unwrap().execution_id, "c");
    }

    #[test]
    fn a_lock_keeps_others_out_until_its_end() {
        let mut state = StageState::default();
        state.take_lock("one", at(5));
        assert!(state.is_held_against("two", at(4)));
        assert!(!state.is_held_against("one", at(4)));
        assert!(!state.is_held_against("two", at(5)));
    }

    #[test]
    fn what_others_added_is_taken_over_and_a_lost_lock_is_noticed() {
        let mut base = state(&[("a", 1)]);
        base.take_lock("one", at(5));
        let (mut mine, mut stored) = (base.clone(), base.clone());
        // Meanwhile the holder is done with one release, and another enters.
        mine.tickets.clear();
        stored.enter("b", false, at(2));
        stored.ended = Some(Ended { token: None, status: "UPDATE_COMPLETE".into(), reason: None });
        mine.merge(&base, &stored).unwrap();
        let left: Vec<&str> = mine.tickets.iter().map(|ticket| ticket.release.as_str()).collect();
        assert_eq!((left, &mine.ended), (vec!["b"], &stored.ended));
        stored.take_lock("two", at(9));
        assert_eq!(mine.merge(&base, &stored), Err(LockLost));
    }
}
