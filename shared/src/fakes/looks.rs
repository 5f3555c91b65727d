//! What checks look at beside answers, in memory: alarms and log lines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::hook::{Alarm, LogLines, ReadAlarms, ReadLogLines};

/// CloudWatch's alarms in memory; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Alarms {
    alarms: Arc<Mutex<Vec<Alarm>>>,
}

impl Alarms {
    /// Adds an alarm.
    pub fn add(&self, alarm: Alarm) {
        self.lock().push(alarm);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Alarm>> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadAlarms for Alarms {
    async fn read_alarms(&self, names: &[String]) -> Result<Vec<Alarm>, CallError> {
        Ok(self.lock().iter().filter(|alarm| names.contains(&alarm.name)).cloned().collect())
    }
}

/// CloudWatch Logs in memory, by version; clones share the lines.
#[derive(Debug, Clone, Default)]
pub struct LoggedLines {
    lines: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

impl LoggedLines {
    /// Adds a line of a version.
    pub fn add(&self, version: &str, line: &str) {
        self.lock().entry(version.to_owned()).or_default().push(line.to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadLogLines for LoggedLines {
    async fn read_log_lines(&self, wanted: &LogLines) -> Result<Vec<String>, CallError> {
        Ok(self.lock().get(wanted.version.as_str()).cloned().unwrap_or_default())
    }
}
