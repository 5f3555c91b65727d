//! Lambda in memory: published versions with fixed answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::call::CallError;
use crate::hook::{Answer, Configuration, InvokeVersion, ReadConfiguration};
use crate::identity::{FunctionName, FunctionVersion};

type Answers = BTreeMap<(String, String), Vec<Answer>>;

/// Lambda in memory; clones share it. A version answers from its list, the last answer again and again.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    answers: Arc<Mutex<Answers>>,
    invocations: Arc<Mutex<Vec<(String, String, Value)>>>,
    configurations: Arc<Mutex<BTreeMap<String, Configuration>>>,
}

impl Functions {
    /// The version's next answer is this result.
    pub fn answers(&self, function: &str, version: &str, result: &Value) {
        self.push(function, version, Answer { payload: result.to_string().into(), ..Answer::default() });
    }

    /// The version's next answer is this function error.
    pub fn fails(&self, function: &str, version: &str, description: &Value) {
        let function_error = Some("Unhandled".to_owned());
        self.push(
            function,
            version,
            Answer { payload: description.to_string().into(), function_error, ..Answer::default() },
        );
    }

    /// Adds an answer as it is.
    pub fn push(&self, function: &str, version: &str, answer: Answer) {
        let key = (function.to_owned(), version.to_owned());
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().push(answer);
    }

    /// The version is configured so.
    pub fn configured(&self, version: &str, configuration: Configuration) {
        let mut configurations = self.configurations.lock().unwrap_or_else(PoisonError::into_inner);
        configurations.insert(version.to_owned(), configuration);
    }

    /// Function, version and event of every invocation.
    #[must_use]
    pub fn invocations(&self) -> Vec<(String, String, Value)> {
        self.invocations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl InvokeVersion for Functions {
    async fn invoke_version(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
        event: &Value,
    ) -> Result<Answer, CallError> {
        let key = (function.to_string(), version.to_string());
        let mut invocations = self.invocations.lock().unwrap_or_else(PoisonError::into_inner);
        invocations.push((key.0.clone(), key.1.clone(), event.clone()));
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = || CallError::NotFound { operation: "Invoke", source: "ResourceNotFoundException".into() };
        let list = answers.get_mut(&key).ok_or_else(missing)?;
        let answer = if list.len() > 1 { list.remove(0) } else { list.first().cloned().ok_or_else(missing)? };
        Ok(Answer { executed_version: answer.executed_version.or(Some(key.1)), ..answer })
    }
}

/// One that was not told is like any other.
impl ReadConfiguration for Functions {
    async fn read_configuration(
        &self,
        _function: &FunctionName,
        version: &FunctionVersion,
    ) -> Result<Configuration, CallError> {
        let configurations = self.configurations.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(configurations.get(version.as_str()).cloned().unwrap_or_default())
    }
}
