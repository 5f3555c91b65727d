//! The reasons why an invocation or an initialization fails, in the words of AWS.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::runtime_api::{MAX_RESPONSE, RuntimeFailure};

/// The reason why an invocation or an initialization failed.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The runtime reported it.
    Reported(RuntimeFailure),
    /// The process ended before it answered.
    Exited(ExitStatus),
    /// The function's timeout, or the limit of initialization, passed.
    TimedOut(Duration),
    /// The answer is larger than Lambda carries.
    ResponseTooLarge,
    /// There is nothing to start; the text says why.
    Entrypoint(String),
}

impl Failure {
    /// The error type, as AWS names it.
    pub(super) fn error_type(&self) -> &str {
        match self {
            Self::Reported(failure) => failure.error_type.as_deref().unwrap_or("Runtime.Unknown"),
            Self::Exited(_) => "Runtime.ExitError",
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::ResponseTooLarge => "Function.ResponseSizeTooLarge",
            Self::Entrypoint(_) => "Runtime.InvalidEntrypoint",
        }
    }

    /// The text that follows `Error: ` in the log.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Reported(failure) => String::from_utf8_lossy(&failure.body).into_owned(),
            Self::Exited(status) => match (status.code(), status.signal()) {
                (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
                (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
                (None, Some(signal)) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
                (None, None) => "Runtime exited with error".to_owned(),
            },
            Self::TimedOut(limit) => format!("Task timed out after {:.2} seconds", limit.as_secs_f64()),
            Self::ResponseTooLarge => {
                format!("Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).")
            }
            Self::Entrypoint(why) => why.clone(),
        }
    }

    /// The error's JSON, which the caller gets.
    pub(super) fn payload(&self, request_id: &str) -> Bytes {
        match self {
            Self::Reported(failure) => failure.body.clone(),
            Self::ResponseTooLarge => {
                json!({ "errorType": self.error_type(), "errorMessage": self.message() }).to_string().into()
            }
            _ => json!({
                "errorType": self.error_type(),
                "errorMessage": format!("RequestId: {request_id} Error: {}", self.message()),
            })
            .to_string()
            .into(),
        }
    }

    /// True if the environment can go on: its process is alive and asks for the next invocation.
    pub(super) fn leaves_environment(&self) -> bool {
        matches!(self, Self::Reported(_) | Self::ResponseTooLarge)
    }
}

fn signal_name(signal: i32) -> String {
    match nix::sys::signal::Signal::try_from(signal) {
        // As the Go runtime that hosts functions on AWS spells them.
        Ok(nix::sys::signal::Signal::SIGKILL) => "killed".to_owned(),
        Ok(nix::sys::signal::Signal::SIGSEGV) => "segmentation fault".to_owned(),
        Ok(nix::sys::signal::Signal::SIGABRT) => "aborted".to_owned(),
        Ok(nix::sys::signal::Signal::SIGTERM) => "terminated".to_owned(),
        Ok(other) => other.as_str().to_owned(),
        Err(_) => signal.to_string(),
    }
}
