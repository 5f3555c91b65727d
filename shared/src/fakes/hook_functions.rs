//! The functions of hooks in memory, as somebody sees them from outside.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::call::CallError;
use crate::hook::{HookFunction, HookLimits, ReadHook, ReadHookLog};

/// The lines of a function, each with its time.
type Written = Vec<(Timestamp, String)>;

/// Functions of hooks with their logs; clones share them. The log group of each has its name.
#[derive(Debug, Clone, Default)]
pub struct HookFunctions {
    functions: Arc<Mutex<BTreeMap<String, HookLimits>>>,
    lines: Arc<Mutex<BTreeMap<String, Written>>>,
}

impl HookFunctions {
    /// There is a function of that name.
    pub fn add(&self, name: &str, limits: HookLimits) {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), limits);
    }

    /// It has written a line.
    pub fn writes(&self, name: &str, at: Timestamp, line: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(name.to_owned()).or_default().push((at, line.to_owned()));
    }
}

impl ReadHook for HookFunctions {
    async fn read_hook(&self, name: &str) -> Result<Option<HookFunction>, CallError> {
        let functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(functions.get(name).map(|limits| HookFunction { limits: *limits, log_group: name.to_owned() }))
    }
}

impl ReadHookLog for HookFunctions {
    async fn read_hook_log(&self, group: &str, since: Timestamp, until: Timestamp) -> Result<Vec<String>, CallError> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let written = lines.get(group).into_iter().flatten();
        Ok(written.filter(|(at, _)| (since..until).contains(at)).map(|(_, line)| line.clone()).collect())
    }
}
