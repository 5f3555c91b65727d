//! A ledger in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::identity::DeploymentId;
use crate::ledger::{Basis, Entry, Gate, ReadLedger, Stored, WriteLedger, Written};

/// Entries by deployment and gate; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Arc<Mutex<BTreeMap<(String, Gate), Stored>>>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::contract;

    #[tokio::test]
    async fn keeps_the_contract_of_every_ledger() {
        contract::try_all(&Ledger::default()).await.unwrap();
    }
}
