//! The plane's own facts of tables, beside the library: dates by its own clock, settings and streams; a file beside the tables.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::backup::Backup;
use crate::core::{ServiceError, Timestamp};

/// The time for which a stream can be read after its end, and a change after it was made.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>
pub(super) const STREAM_RETENTION: Duration = Duration::from_secs(24 * 3600);

/// The settings of all tables, with their streams and backups.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Settings {
    #[serde(skip)]
    file: PathBuf,
    #[serde(default)]
    tables: BTreeMap<String, TableSettings>,
    /// The streams of all tables, also of those that are gone, by age.
    #[serde(default)]
    pub(super) streams: Vec<Stream>,
    /// The backups, by age; they outlive their tables.
    #[serde(default)]
    pub(super) backups: Vec<Backup>,
}

/// The settings of one table.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct TableSettings {
    /// The time at which the table was made.
    pub(super) created: Timestamp,
    /// The time at which it last changed to pay per request.
    pub(super) on_demand_since: Option<Timestamp>,
    /// The key of KMS that it is encrypted with, unless it is DynamoDB's own.
    pub(super) encryption_key: Option<String>,
    /// Point-in-time recovery, if it is on.
    pub(super) recovery: Option<Recovery>,
    /// The label of its latest stream, also after that was disabled.
    pub(super) latest_stream: Option<String>,
    /// The most reads and writes a second that it was ever made for.
    #[serde(default)]
    pub(super) warm: (i64, i64),
    /// The `RestoreSummary`, if it was restored.
    #[serde(default)]
    pub(super) restored: Option<Value>,
    /// The throughput of the global indexes that were made or changed after the table.
    #[serde(default)]
    pub(super) index_throughput: BTreeMap<String, Value>,
}

/// The point-in-time recovery of a table.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Recovery {
    /// The time at which it was enabled.
    pub(super) since: Timestamp,
    /// The recovery period, in days.
    pub(super) days: i64,
}

/// One stream of a table.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Stream {
    /// The name of the table.
    pub(super) table: String,
    /// The stream's label, a date.
    pub(super) label: String,
    /// The `StreamViewType`: the images that its records show.
    pub(super) view: String,
    /// The key schema of the table, for the stream's description.
    pub(super) key_schema: Value,
    /// The time at which it was enabled.
    pub(super) created: Timestamp,
    /// The time at which it was disabled; none while it is enabled.
    pub(super) ended: Option<Timestamp>,
    /// The position before its first change.
    pub(super) first: i64,
    /// The position of its last change, once it has ended.
    pub(super) last: Option<i64>,
}

impl Settings {
    /// The settings that were kept in `file`; empty ones when there is none.
    pub(super) fn open(file: PathBuf) -> Result<Self, String> {
        let kept = match std::fs::read(&file) {
            Ok(kept) => serde_json::from_slice(&kept).map_err(|error| format!("{}: {error}", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(format!("{}: {error}", file.display())),
        };
        Ok(Self { file, ..kept })
    }

    /// The directory of the settings' file, where backups are kept too.
    pub(super) fn directory(&self) -> PathBuf {
        self.file.parent().map(PathBuf::from).unwrap_or_default()
    }

    /// The settings of a table; default ones for an unknown table.
    pub(super) fn table(&self, name: &str) -> TableSettings {
        self.tables.get(name).cloned().unwrap_or_default()
    }

    /// Changes what is kept of a table.
    pub(super) fn change(&mut self, name: &str, change: impl FnOnce(&mut TableSettings)) -> Result<(), ServiceError> {
        change(self.tables.entry(name.to_owned()).or_default());
        self.save()
    }

    /// Forgets a table, but for its streams.
    pub(super) fn forget(&mut self, name: &str) -> Result<(), ServiceError> {
        self.tables.remove(name);
        self.save()
    }

    /// Forgets the streams that ended too long ago to be read.
    pub(super) fn forget_streams(&mut self, now: Timestamp) {
        self.streams.retain(|stream| stream.ended.is_none_or(|ended| ended + STREAM_RETENTION > now));
    }

    /// Writes everything: a whole new file in place of the old one.
    pub(super) fn save(&self) -> Result<(), ServiceError> {
        let written = self.file.with_extension("new");
        serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|kept| std::fs::write(&written, kept))
            .and_then(|()| std::fs::rename(&written, &self.file))
            .map_err(|error| ServiceError::internal(format!("{}: {error}", self.file.display())))
    }
}
