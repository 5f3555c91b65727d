//! A Parameter Store in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::parameters::{MAX_VALUE_BYTES, Parameter, PutParameter, ReadParameter};

/// Parameter Store in memory; clones share their content.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    stored: Arc<Mutex<BTreeMap<String, (String, i64)>>>,
}

impl Parameters {
    /// Stores a value, for the arrangement of a test.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.lock().insert(name.to_owned(), (value.to_owned(), 1));
        self
    }

    /// The value now stored.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.lock().get(name).map(|(value, _)| value.clone())
    }

    /// All names now stored.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (String, i64)>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadParameter for Parameters {
    async fn read_parameter(&self, name: &str) -> Result<Parameter, CallError> {
        let stored = self.lock();
        let (value, version) = stored
            .get(name)
            .ok_or_else(|| CallError::NotFound { operation: "GetParameter", source: "ParameterNotFound".into() })?;
        Ok(Parameter { name: name.to_owned(), value: value.clone(), version: *version })
    }
}

impl PutParameter for Parameters {
    async fn put_parameter(&self, name: &str, value: &str) -> Result<i64, CallError> {
        if value.is_empty() || value.len() > MAX_VALUE_BYTES {
            return Err(CallError::Unexpected { operation: "PutParameter", source: "ValidationException".into() });
        }
        let mut stored = self.lock();
        let version = stored.get(name).map_or(0, |(_, version)| *version) + 1;
        stored.insert(name.to_owned(), (value.to_owned(), version));
        Ok(version)
    }
}
