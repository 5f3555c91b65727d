//! The wish with which an attempt comes to a stage. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use slipway_shared::release::{Ended, Found, ReleaseRecord, StageState};

use crate::settings::Settings;

/// The wish with which an attempt comes.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// A release is to enter the queue.
    Enter {
        /// The release.
        release: String,
        /// True if its execution is known to be no rollback.
        ordinary: bool,
    },
    /// Successful executions were seen, with their starts. The ones that are not known and not older than what is live are to enter.
    Found(Vec<(String, Timestamp)>),
    /// An operation on the stack has ended.
    End(Ended),
}

impl Wish {
    /// The releases whose records must be known.
    pub(super) fn releases(&self) -> Vec<String> {
        match self {
            Self::Enter { release, .. } => vec![release.clone()],
            Self::Found(executions) => executions.iter().map(|(release, _)| release.clone()).collect(),
            Self::End(ended) => ended.token.iter().cloned().collect(),
        }
    }

    /// Puts the wish into the state, unless it is there or was fulfilled; returns the records that begin with it.
    pub(super) fn apply(
        &self,
        state: &mut StageState,
        records: &BTreeMap<String, Found>,
        settings: &Settings,
        now: Timestamp,
    ) -> Vec<ReleaseRecord> {
        let entered = |release: &str| ReleaseRecord::entered(release, &settings.pipeline, &settings.stack, now);
        match self {
            Self::Enter { release, ordinary } => match records.get(release) {
                None => {
                    state.enter(release, *ordinary, now);
                    vec![entered(release)]
                }
                Some(Found::Record(record)) if !record.state.is_closed() => {
                    state.enter(release, *ordinary, now);
                    Vec::new()
                }
                Some(_) => Vec::new(),
            },
            Self::Found(executions) => {
                let live = state.live.as_ref().map(|live| live.order);
                let missed = executions.iter().filter(|(release, started)| {
                    !records.contains_key(release) && live.is_none_or(|live| *started > live)
                });
                let missed: Vec<&String> = missed.map(|(release, _)| release).collect();
                for release in &missed {
                    state.enter(release, true, now);
                }
                missed.into_iter().map(|release| entered(release)).collect()
            }
            Self::End(ended) => {
                // An operation without a token may be anybody's: the release that leads will find out.
                let is_ours = match (&ended.token, &state.leading) {
                    (Some(token), Some(leading)) => token == leading,
                    (None, Some(_)) => true,
                    (_, None) => false,
                };
                if is_ours {
                    state.ended = Some(ended.clone());
                }
                Vec::new()
            }
        }
    }
}
