//! The version that is run, its invocations, and their outcomes.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::super::code::Code;
use super::super::settings::Settings;
use super::pool::Pool;
use super::runtime_api::{MAX_RESPONSE, RuntimeFailure};

/// A version as the machine runs it: its own code and settings, and the environments that wait.
#[derive(Debug)]
pub(in crate::lambda_service) struct Runnable {
    pub(in crate::lambda_service) function: String,
    /// The number of the version, or `$LATEST`.
    pub(in crate::lambda_service) version: String,
    pub(in crate::lambda_service) settings: Settings,
    pub(in crate::lambda_service) code: Arc<Code>,
    pub(in crate::lambda_service) pool: Pool,
}

impl Runnable {
    /// The function's timeout, in real time.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.settings.timeout)
    }
}

/// One invocation of a version.
#[derive(Clone, Debug)]
pub(in crate::lambda_service) struct Invocation {
    pub(in crate::lambda_service) request_id: String,
    /// The ARN the function was called by, with the caller's qualifier.
    pub(in crate::lambda_service) function_arn: String,
    pub(in crate::lambda_service) payload: Bytes,
    /// The client context of the caller, as JSON.
    pub(in crate::lambda_service) client_context: Option<String>,
    /// True if the caller wants the end of the log (`LogType: Tail`).
    pub(in crate::lambda_service) tail: bool,
}

/// A finished invocation, successful or not.
#[derive(Clone, Debug)]
pub(in crate::lambda_service) struct Completed {
    /// The answer, or the error's JSON.
    pub(in crate::lambda_service) payload: Bytes,
    /// True if the payload is an error.
    pub(in crate::lambda_service) failed: bool,
    /// The time that the invocation took, without initialization.
    pub(in crate::lambda_service) duration: Duration,
    /// The last 4 KB of its log, if they were asked for.
    pub(in crate::lambda_service) log_tail: Option<String>,
}

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
