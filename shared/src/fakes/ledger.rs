//! A ledger in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::ledger::{
    Basis, Entry, Gate, Gathering, ReadGathering, ReadLedger, Stored, StoredGathering, WriteGathering, WriteLedger,
    Written,
};
use crate::overrides::{AlarmOverride, ReadOverrides, WriteOverride};

/// Entries by deployment and gate, gatherings by stack, and overrides of alarms; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Arc<Mutex<BTreeMap<(String, Gate), Stored>>>,
    gatherings: Arc<Mutex<BTreeMap<String, StoredGathering>>>,
    overrides: Arc<Mutex<Vec<AlarmOverride>>>,
}

impl Ledger {
    /// The entry of a gate about a deployment.
    #[must_use]
    pub fn entry(&self, deployment: &str, gate: Gate) -> Option<Entry> {
        self.lock().get(&(deployment.to_owned(), gate)).map(|stored| stored.entry.clone())
    }

    /// The gathering of a stack.
    #[must_use]
    pub fn gathering(&self, stack: &str) -> Option<Gathering> {
        self.gatherings().get(stack).map(|stored| stored.gathering.clone())
    }

    /// Keeps a gathering, whatever is kept.
    pub fn gather(&self, gathering: Gathering) {
        let mut gatherings = self.gatherings();
        let revision = gatherings.get(&gathering.stack).map_or(0, |stored| stored.revision) + 1;
        gatherings.insert(gathering.stack.clone(), StoredGathering { gathering, revision });
    }

    fn gatherings(&self) -> MutexGuard<'_, BTreeMap<String, StoredGathering>> {
        self.gatherings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, Gate), Stored>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadLedger for Ledger {
    async fn read_entry(&self, deployment: &str, gate: Gate) -> Result<Option<Stored>, CallError> {
        Ok(self.lock().get(&(deployment.to_owned(), gate)).cloned())
    }

    async fn list_entries(&self, deployment: &str) -> Result<Vec<Stored>, CallError> {
        let entries = self.lock();
        let its = entries.iter().filter(|((its, _), _)| its == deployment);
        Ok(its.map(|(_, stored)| stored.clone()).collect())
    }
}

impl WriteLedger for Ledger {
    async fn write_entry(&self, entry: &Entry, basis: Basis) -> Result<Written, CallError> {
        let mut entries = self.lock();
        let key = (entry.deployment_id.clone(), entry.gate);
        let kept = entries.get(&key).map_or(0, |stored| stored.revision);
        if kept != revision(basis) {
            return Ok(Written::Lost);
        }
        entries.insert(key, Stored { entry: entry.clone(), revision: kept + 1 });
        Ok(Written::Kept(kept + 1))
    }
}

impl ReadOverrides for Ledger {
    async fn list_overrides(&self) -> Result<Vec<AlarmOverride>, CallError> {
        let mut acts = self.overrides.lock().unwrap_or_else(PoisonError::into_inner).clone();
        acts.sort_by_key(|act| act.at);
        Ok(acts)
    }
}

impl WriteOverride for Ledger {
    async fn write_override(&self, act: &AlarmOverride) -> Result<(), CallError> {
        self.overrides.lock().unwrap_or_else(PoisonError::into_inner).push(act.clone());
        Ok(())
    }
}

impl ReadGathering for Ledger {
    async fn read_gathering(&self, stack: &str) -> Result<Option<StoredGathering>, CallError> {
        Ok(self.gatherings().get(stack).cloned())
    }
}

impl WriteGathering for Ledger {
    async fn write_gathering(&self, gathering: &Gathering, basis: Basis) -> Result<Written, CallError> {
        let kept = self.gatherings().get(&gathering.stack).map_or(0, |stored| stored.revision);
        if kept != revision(basis) {
            return Ok(Written::Lost);
        }
        self.gather(gathering.clone());
        Ok(Written::Kept(kept + 1))
    }
}

/// The revision that must be kept.
const fn revision(basis: Basis) -> u64 {
    match basis {
        Basis::Nothing => 0,
        Basis::Revision(revision) => revision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::contract;
    use crate::overrides;

    #[tokio::test]
    async fn keeps_the_contract_of_every_ledger() {
        contract::try_all(&Ledger::default()).await.unwrap();
    }

    #[tokio::test]
    async fn keeps_overrides() {
        overrides::contract::try_all(&Ledger::default()).await.unwrap();
    }
}
