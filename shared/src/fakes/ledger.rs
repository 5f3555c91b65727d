//! A ledger in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::identity::DeploymentId;
use crate::ledger::{Basis, Entry, Gate, ReadLedger, Stored, WriteLedger, Written};
use crate::overrides::{AlarmOverride, ReadOverrides, WriteOverride};

/// Entries by deployment and gate, and overrides of alarms; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Arc<Mutex<BTreeMap<(String, Gate), Stored>>>,
    overrides: Arc<Mutex<Vec<AlarmOverride>>>,
}

impl Ledger {
    /// The entry of a gate about a deployment.
    #[must_use]
    pub fn entry(&self, deployment: &str, gate: Gate) -> Option<Entry> {
        self.lock().get(&(deployment.to_owned(), gate)).map(|stored| stored.entry.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, Gate), Stored>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadLedger for Ledger {
    async fn read_entry(&self, deployment: &DeploymentId, gate: Gate) -> Result<Option<Stored>, CallError> {
        Ok(self.lock().get(&(deployment.as_str().to_owned(), gate)).cloned())
    }

    async fn list_entries(&self, deployment: &DeploymentId) -> Result<Vec<Stored>, CallError> {
        let entries = self.lock();
        let its = entries.iter().filter(|((its, _), _)| its == deployment.as_str());
        Ok(its.map(|(_, stored)| stored.clone()).collect())
    }
}

impl WriteLedger for Ledger {
    async fn write_entry(&self, entry: &Entry, basis: Basis) -> Result<Written, CallError> {
        let mut entries = self.lock();
        let key = (entry.deployment_id.clone(), entry.gate);
        let kept = entries.get(&key).map_or(0, |stored| stored.revision);
        let expected = match basis {
            Basis::Nothing => 0,
            Basis::Revision(revision) => revision,
        };
        if kept != expected {
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
