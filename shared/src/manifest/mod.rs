//! The manifest of an application, `slipway.yaml`: its functions, their suites, what is judged, and the stages that
//! releases go through.
//!
//! People write YAML, in one file or in several that it names; [`load()`] (feature `template`) reads them and tells every fault with file,
//! line and column. A release carries one canonical JSON text ([`Manifest::to_canonical`]), which [`Manifest::parse`] reads without YAML. A
//! member that would have no effect is refused, and said to be for later if it is one of those.

mod dimensions;
mod durations;
#[cfg(feature = "template")]
mod examples;
mod guarding;
mod judged;
#[cfg(feature = "template")]
mod load;
mod policy;
mod read;
mod read_judged;
#[cfg(feature = "schema")]
mod schema;
mod stages;
#[cfg(test)]
mod tests;
mod types;

pub use dimensions::{Dimensions, filled, tell_the_resource};
pub use durations::{DurationUnit, Durations, OwnDurations};
pub use guarding::{Guarding, HookNames};
pub use judged::{Inconclusive, Judged, JudgedGroup, JudgedMetric, Measure, OwnMetric};
#[cfg(feature = "template")]
pub use load::{Loaded, LoadedSuite, ReadFile, ReadFileError, is_suite, load, load_suite};
#[cfg(feature = "schema")]
pub use schema::{manifest_schema, suite_schema};
pub use stages::{Capability, DeclaredStage, ParameterValue, Promotion, SecretReference, SsmReference};
pub use types::{Function, Manifest};
