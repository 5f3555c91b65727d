//! The records of releases and the states of stages, as they are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use super::{RECORD_VERSION, ReleaseRecord, STAGE_VERSION, StageState};
use crate::call::CallError;
use crate::identity::{ApplicationName, Stage};
use crate::ledger::Written;

/// The stage of an application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StageKey(String);

impl StageKey {
    /// The stage of an application.
    #[must_use]
    pub fn new(application: &ApplicationName, stage: &Stage) -> Self {
        Self(format!("{application}/{stage}"))
    }

    /// The stage of a key that is stored.
    pub(crate) fn stored(key: &str) -> Self {
        Self(key.to_owned())
    }
}

/// `<application>/<stage>`
impl fmt::Display for StageKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A stage's state as it is kept, with the records that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStage {
    /// The state; a new one if none is kept.
    pub state: StageState,
    /// The number of times that it was written.
    pub revision: u64,
    /// The records that exist, by their releases.
    pub records: BTreeMap<String, Found>,
}

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It can be used.
    Record(Box<ReleaseRecord>),
    /// It is damaged, or a later version of Slipway wrote it: it must stay as it is. The reason, in words.
    Unusable(String),
}

impl Found {
    /// Reads a record's JSON.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match read(text, RECORD_VERSION) {
            Ok(record) => Self::Record(Box::new(record)),
            Err(reason) => Self::Unusable(reason),
        }
    }

    /// The record, if it can be used.
    #[must_use]
    pub fn record(self) -> Option<ReleaseRecord> {
        match self {
            Self::Record(record) => Some(*record),
            Self::Unusable(_) => None,
        }
    }
}

/// Reads a state's JSON.
///
/// # Errors
/// It is damaged, or of a later version: a state that is understood in part must not be written.
pub(super) fn state_from_text(text: &str) -> Result<StageState, String> {
    read(text, STAGE_VERSION)
}

fn read<T: serde::de::DeserializeOwned>(text: &str, known: u32) -> Result<T, String> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u32,
    }
    let unreadable = |error: serde_json::Error| format!("its JSON cannot be read: {error}");
    let Versioned { version } = serde_json::from_str(text).map_err(unreadable)?;
    if version > known {
        return Err(format!("its form is {version}, and this Slipway knows {known}: a later one wrote it"));
    }
    serde_json::from_str(text).map_err(unreadable)
}

/// `dynamodb:BatchGetItem`.
pub trait ReadReleases {
    /// The state of a stage and some of its records, as they are now.
    fn read_stage(
        &self,
        stage: &StageKey,
        releases: &[String],
    ) -> impl Future<Output = Result<StoredStage, CallError>> + Send;
}

/// `dynamodb:Query`.
pub trait ListReleases {
    /// All stages to which anything was released.
    fn list_stages(&self) -> impl Future<Output = Result<Vec<StageKey>, CallError>> + Send;

    /// At most `most` releases of a stage, the last that entered first.
    fn list_releases(
        &self,
        stage: &StageKey,
        most: usize,
    ) -> impl Future<Output = Result<Vec<(String, Found)>, CallError>> + Send;
}

/// `dynamodb:PutItem`, alone or in `TransactWriteItems`.
pub trait WriteReleases {
    /// Writes a stage's state and the records all at once, if the kept state has the revision; 0 for none.
    fn write_stage(
        &self,
        stage: &StageKey,
        revision: u64,
        state: &StageState,
        records: &[&ReleaseRecord],
    ) -> impl Future<Output = Result<Written, CallError>> + Send;
}
