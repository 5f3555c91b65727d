//! A store of releases in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::ledger::Written;
use crate::release::{
    Found, ListReleases, ReadReleases, ReleaseRecord, StageKey, StageState, StoredStage, WriteReleases,
};

/// States by stage and records by stage and release; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Releases {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    states: BTreeMap<StageKey, (StageState, u64)>,
    records: BTreeMap<(StageKey, String), Found>,
}

impl Releases {
    /// The state of a stage; a new one if none is kept.
    #[must_use]
    pub fn state(&self, stage: &StageKey) -> StageState {
        self.lock().states.get(stage).map(|(state, _)| state.clone()).unwrap_or_default()
    }

    /// The record of a release.
    #[must_use]
    pub fn record(&self, stage: &StageKey, release: &str) -> Option<ReleaseRecord> {
        self.lock().records.get(&(stage.clone(), release.to_owned())).cloned().and_then(Found::record)
    }

    /// Every record that can be used.
    #[must_use]
    pub fn records(&self, stage: &StageKey) -> Vec<ReleaseRecord> {
        let kept = self.lock();
        let its = kept.records.iter().filter(|((of, _), _)| of == stage);
        its.filter_map(|(_, found)| found.clone().record()).collect()
    }

    /// Keeps this instead of a record.
    pub fn set(&self, stage: &StageKey, release: &str, found: Found) {
        self.lock().records.insert((stage.clone(), release.to_owned()), found);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadReleases for Releases {
    async fn read_stage(&self, stage: &StageKey, releases: &[String]) -> Result<StoredStage, CallError> {
        let kept = self.lock();
        let (state, revision) = kept.states.get(stage).cloned().unwrap_or_default();
        let record =
            |release: &String| Some((release.clone(), kept.records.get(&(stage.clone(), release.clone()))?.clone()));
        Ok(StoredStage { state, revision, records: releases.iter().filter_map(record).collect() })
    }
}

impl ListReleases for Releases {
    async fn list_stages(&self) -> Result<Vec<StageKey>, CallError> {
        Ok(self.lock().states.keys().cloned().collect())
    }

    async fn list_releases(&self, stage: &StageKey, most: usize) -> Result<Vec<(String, Found)>, CallError> {
        let kept = self.lock();
        let its = kept.records.iter().filter(|((of, _), _)| of == stage);
        let mut listed: Vec<_> = its.map(|((_, release), found)| (release.clone(), found.clone())).collect();
        listed.sort_by_key(|(_, found)| std::cmp::Reverse(found.clone().record().map(|record| record.entered_at)));
        listed.truncate(most);
        Ok(listed)
    }
}

impl WriteReleases for Releases {
    async fn write_stage(
        &self,
        stage: &StageKey,
        revision: u64,
        state: &StageState,
        records: &[&ReleaseRecord],
    ) -> Result<Written, CallError> {
        let mut kept = self.lock();
        if kept.states.get(stage).map_or(0, |(_, revision)| *revision) != revision {
            return Ok(Written::Lost);
        }
        kept.states.insert(stage.clone(), (state.clone(), revision + 1));
        for record in records {
            let key = (stage.clone(), record.execution_id.clone());
            kept.records.insert(key, Found::Record(Box::new((*record).clone())));
        }
        Ok(Written::Kept(revision + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::contract;

    #[tokio::test]
    async fn keeps_the_contract_of_every_store() {
        contract::try_all(&Releases::default()).await.unwrap();
    }
}
