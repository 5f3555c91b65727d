//! The lock of a stage, held: the state as this attempt changes it, and the way to keep what it changed.

use std::collections::{BTreeMap, BTreeSet};

use slipway_shared::ledger::Written;
use slipway_shared::release::{Found, ReadReleases, ReleaseRecord, ReleaseState, StageKey, StageState, WriteReleases};

use super::wish::Wish;
use crate::TriggerError;
use crate::attempt::Attempt;
use crate::ports::Ports;

/// Writers that come at once all get their turn within so many rounds.
const ROUNDS: usize = 50;

/// A stage whose lock this attempt has.
pub(crate) struct Hold<'a, P> {
    pub(crate) attempt: &'a Attempt<'a, P>,
    /// The state with the changes of this attempt.
    pub(crate) state: StageState,
    /// The release that is being worked on.
    pub(crate) at_work: Option<String>,
    key: StageKey,
    /// The state as it was kept last, and its revision.
    base: StageState,
    revision: u64,
    records: BTreeMap<String, Found>,
    changed: BTreeSet<String>,
}

/// The result of coming to a stage.
pub(crate) enum Entry<'a, P> {
    /// This attempt has the lock; so many releases entered the queue.
    Held(Box<Hold<'a, P>>, usize),
    /// Another attempt has the lock, and will see the wish.
    InHand,
    /// There is nothing to do. The records that the wish is about.
    Idle(BTreeMap<String, Found>),
}

impl<'a, P: Ports> Hold<'a, P> {
    /// Puts a wish into the state and takes the lock, in one write, if there is anything to do.
    pub(crate) async fn enter(attempt: &'a Attempt<'a, P>, wish: &Wish) -> Result<Entry<'a, P>, TriggerError> {
        let key = attempt.key();
        for _ in 0..ROUNDS {
            let stored = attempt.ports.releases().read_stage(&key, &wish.releases()).await?;
            let now = attempt.now();
            let mut state = stored.state.clone();
            let new = wish.apply(&mut state, &stored.records, attempt.settings, now);
            let is_held = state.is_held_against(&attempt.holder, now);
            if is_held && state == stored.state {
                return Ok(Entry::InHand);
            }
            if !is_held {
                if !has_work(&state, attempt.settings.topic_arn.is_some()) {
                    return Ok(Entry::Idle(stored.records));
                }
                state.take_lock(&attempt.holder, attempt.gone_by());
            }
            let records: Vec<&ReleaseRecord> = new.iter().collect();
            let written = attempt.ports.releases().write_stage(&key, stored.revision, &state, &records).await?;
            let Written::Kept(revision) = written else { continue };
            if is_held {
                return Ok(Entry::InHand);
            }
            let entered = new.len();
            let mut records = stored.records;
            records
                .extend(new.into_iter().map(|record| (record.execution_id.clone(), Found::Record(Box::new(record)))));
            let (base, changed) = (state.clone(), BTreeSet::new());
            let hold = Self { attempt, state, at_work: None, key, base, revision, records, changed };
            return Ok(Entry::Held(Box::new(hold), entered));
        }
        Err(TriggerError::Contended)
    }

    /// Reads the records of the queue that are not known yet.
    pub(crate) async fn load(&mut self) -> Result<(), TriggerError> {
        let queued = self.state.tickets.iter().map(|ticket| &ticket.release).chain(&self.state.leading);
        let missing: BTreeSet<String> =
            queued.filter(|release| !self.records.contains_key(*release)).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let asked: Vec<String> = missing.into_iter().collect();
        let stored = self.attempt.ports.releases().read_stage(&self.key, &asked).await?;
        for release in asked {
            let found = stored.records.get(&release).cloned();
            let found = found.unwrap_or_else(|| Found::Unusable("there is none".to_owned()));
            if let Found::Unusable(reason) = &found {
                tracing::error!(release.id = release, reason, "the record of a release cannot be used; others go on");
            }
            self.records.insert(release, found);
        }
        Ok(())
    }

    /// The record of a release; none if it cannot be used.
    pub(crate) fn record(&self, release: &str) -> Option<&ReleaseRecord> {
        match self.records.get(release) {
            Some(Found::Record(record)) => Some(record),
            _ => None,
        }
    }

    /// Changes a record.
    pub(crate) fn set(&mut self, mut record: ReleaseRecord) {
        record.updated_at = self.attempt.now();
        self.changed.insert(record.execution_id.clone());
        self.records.insert(record.execution_id.clone(), Found::Record(Box::new(record)));
    }

    /// Writes down that a release waits, and for what; once for each reason.
    pub(crate) fn wait(&mut self, release: &str, reason: &str) -> Result<(), TriggerError> {
        if self.state.leading.as_deref() == Some(release) {
            self.state.leading = None;
        }
        let Some(mut record) = self.record(release).cloned() else { return Ok(()) };
        if record.state == ReleaseState::Waiting && record.reason.as_deref() == Some(reason) {
            return Ok(());
        }
        record.become_state(ReleaseState::Waiting, Some(reason.to_owned()), self.attempt.now())?;
        self.set(record);
        Ok(())
    }

    /// Ends a release. Its ticket stays until people are told.
    pub(crate) fn close(
        &mut self,
        mut record: ReleaseRecord,
        state: ReleaseState,
        reason: String,
    ) -> Result<(), TriggerError> {
        let release = record.execution_id.clone();
        record.become_state(state, Some(reason), self.attempt.now())?;
        if self.state.leading.as_deref() == Some(&release) {
            self.state.leading = None;
        }
        if state == ReleaseState::Ignored {
            self.state.tickets.retain(|ticket| ticket.release != release);
        } else if let Some(ticket) = self.state.ticket_mut(&release) {
            ticket.closed = true;
        }
        self.set(record);
        Ok(())
    }

    /// Keeps what was changed, with what others added meanwhile.
    ///
    /// # Errors
    /// The lock went to somebody else, and nothing is kept; or a call failed.
    pub(crate) async fn save(&mut self) -> Result<(), TriggerError> {
        if self.changed.is_empty() && self.state == self.base {
            return Ok(());
        }
        for _ in 0..ROUNDS {
            let changed = self.changed.iter().filter_map(|release| self.record(release));
            let changed: Vec<&ReleaseRecord> = changed.collect();
            let store = self.attempt.ports.releases();
            match store.write_stage(&self.key, self.revision, &self.state, &changed).await? {
                Written::Kept(revision) => {
                    self.revision = revision;
                    self.base = self.state.clone();
                    self.changed.clear();
                    return Ok(());
                }
                Written::Lost => self.catch_up().await?,
            }
        }
        Err(TriggerError::Contended)
    }

    /// Takes over what others wrote.
    async fn catch_up(&mut self) -> Result<(), TriggerError> {
        let stored = self.attempt.ports.releases().read_stage(&self.key, &[]).await?;
        self.state.merge(&self.base, &stored.state)?;
        self.base = stored.state;
        self.revision = stored.revision;
        Ok(())
    }

    /// Keeps what was changed and gives the lock back, unless others added something. Returns whether it was given back.
    pub(crate) async fn leave(&mut self) -> Result<bool, TriggerError> {
        let state = StageState { lock: None, ..self.state.clone() };
        let changed: Vec<&ReleaseRecord> = self.changed.iter().filter_map(|release| self.record(release)).collect();
        let store = self.attempt.ports.releases();
        match store.write_stage(&self.key, self.revision, &state, &changed).await? {
            Written::Kept(_) => Ok(true),
            Written::Lost => {
                self.catch_up().await?;
                Ok(false)
            }
        }
    }

    /// Gives the lock back after a failure, and notes it as what the release waits for. Of the changes that are not kept none is kept
    /// then: what a write whose answer was lost has done is read anew.
    pub(crate) async fn abandon(&self, release: Option<&str>, reason: &str) -> Result<(), TriggerError> {
        let asked: Vec<String> = release.map(str::to_owned).into_iter().collect();
        let store = self.attempt.ports.releases();
        for _ in 0..ROUNDS {
            let mut stored = store.read_stage(&self.key, &asked).await?;
            if stored.state.fence != self.base.fence || stored.state.lock.take().is_none() {
                return Ok(());
            }
            let record = stored.records.into_values().find_map(Found::record);
            let waiting = record.filter(|record| record.state == ReleaseState::Waiting);
            let noted = waiting.map(|mut record| {
                record.become_state(ReleaseState::Waiting, Some(reason.to_owned()), self.attempt.now()).map(|()| record)
            });
            let noted = noted.transpose()?;
            let records: Vec<&ReleaseRecord> = noted.iter().collect();
            let written = store.write_stage(&self.key, stored.revision, &stored.state, &records).await?;
            if matches!(written, Written::Kept(_)) {
                return Ok(());
            }
        }
        Err(TriggerError::Contended)
    }
}

/// True if an attempt with the lock would find something to do. Of what is over, nobody can be told without a topic. A lock that
/// has ended is left behind by an attempt that died, and is cleared away.
fn has_work(state: &StageState, has_topic: bool) -> bool {
    let is_open = state.tickets.iter().any(|ticket| has_topic || !ticket.closed);
    is_open || state.leading.is_some() || state.unpublished || state.lock.is_some()
}
