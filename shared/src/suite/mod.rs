//! Suites: what an application says must be true of each new version, as plain data.
//!
//! A suite is read from a manifest, from a file that it names, or from a parameter or an S3 object ([`SuiteSource`]); all are read
//! by the same reader, which reports every fault with its place. Nothing here runs a check: that is the hooks' work. What two checks
//! have to do with each other follows from captured values alone ([`Suite::sequences`]).

mod alarms;
mod check;
mod drift;
mod expression;
mod http;
mod invoke;
mod latency;
mod logs;
mod placeholder;
mod read;
mod sequences;
mod source;
mod stored;
#[cfg(test)]
mod tests;
mod time_limit;
mod wants;

pub use alarms::Alarms;
pub use check::{Check, Probe, Suite};
pub use drift::{AllowedChange, Drift};
#[cfg(feature = "hook")]
pub(crate) use http::{BAD_PORT, has_bad_port};
pub use http::{Http, HttpExpectation, Method, Redirects, Statuses, Tls};
pub use invoke::Invoke;
pub use latency::Latency;
pub use logs::Logs;
pub(crate) use placeholder::{filled_text, names_of};
pub use read::{Dialect, Files, NoFiles, read, time_limit};
pub use sequences::sequences;
pub use source::SuiteSource;
pub use stored::{NoSuite, Released, StoredSuite, read_stored, read_stored_at, read_suite};
pub use time_limit::TimeLimit;
pub use wants::Wants;
