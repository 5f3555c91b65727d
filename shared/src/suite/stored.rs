//! Reads a suite from where its parameter says that it lies, and with it what the release's manifest says of the judge.

use thiserror::Error;

use super::{Suite, SuiteSource};
use crate::call::CallError;
use crate::manifest::{Judged, Manifest};
use crate::objects::{GetObject, ObjectLocation};
use crate::parameters::ReadParameter;
use crate::telemetry::Chain;

/// A suite that is not there, or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{subject}: {detail}")]
pub struct NoSuite {
    /// The fault without any quotation: for logs.
    pub subject: String,
    /// The fault's detail, which may quote the suite: for records.
    pub detail: String,
    /// True if there is not even a parameter: nobody has given the function a suite.
    pub is_missing: bool,
}

/// A suite as it is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredSuite {
    /// The suite.
    pub suite: Suite,
    /// The release's manifest that holds it; none if it stands in a parameter or in an object of its own.
    pub released: Option<Released>,
}

/// What the manifest of a release says of a function, beside its suite.
#[derive(Debug, Clone, PartialEq)]
pub struct Released {
    /// The manifest's address with the function, `s3://bucket/key#Function`. What lies there never changes.
    pub address: String,
    /// What is judged during a shift of the function.
    pub judged: Judged,
}

/// The suite of a function: the value of its parameter, or the S3 object or release's manifest that this names.
///
/// # Errors
/// The reason why there is no suite that can be used.
pub async fn read_suite<P, O>(parameters: &P, objects: &O, name: &str) -> Result<Suite, NoSuite>
where
    P: ReadParameter + Sync,
    O: GetObject + Sync,
{
    Ok(read_stored(parameters, objects, name).await?.suite)
}

/// The suite of a function, with what the manifest says beside it.
///
/// # Errors
/// As [`read_suite`].
pub async fn read_stored<P, O>(parameters: &P, objects: &O, name: &str) -> Result<StoredSuite, NoSuite>
where
    P: ReadParameter + Sync,
    O: GetObject + Sync,
{
    let parameter =
        parameters.read_parameter(name).await.map_err(|error| unread(&error, name, error.is_not_found()))?;
    read_stored_at(objects, &parameter.value).await
}

/// The suite that the value of a parameter is, or whose address it is.
///
/// # Errors
/// As [`read_suite`].
pub async fn read_stored_at<O: GetObject + Sync>(objects: &O, value: &str) -> Result<StoredSuite, NoSuite> {
    let parse = |text: &str| match Suite::parse(text) {
        Ok(suite) => Ok(StoredSuite { suite, released: None }),
        Err(faults) => Err(unusable(faults.to_string())),
    };
    match SuiteSource::of(value).map_err(unusable)? {
        SuiteSource::Text(text) => parse(&text),
        SuiteSource::Object(location) => parse(&text_of(objects, &location).await?),
        SuiteSource::Manifest { location, function } => {
            let text = text_of(objects, &location).await?;
            let mut manifest = Manifest::parse(&text).map_err(|faults| unusable(faults.to_string()))?;
            let judged = manifest.judged(&function);
            let named = manifest.functions.remove(&function).map(|function| function.suite);
            let suite = named.ok_or_else(|| unusable(format!("the manifest {location} does not name {function}")))?;
            Ok(StoredSuite { suite, released: Some(Released { address: value.trim().to_owned(), judged }) })
        }
    }
}

/// The text of an object that holds a suite or a manifest.
async fn text_of<O: GetObject + Sync>(objects: &O, location: &ObjectLocation) -> Result<String, NoSuite> {
    let content = objects.get_object(location).await.map_err(|error| unread(&error, &location.to_string(), false))?;
    String::from_utf8(content).map_err(|_| unusable(format!("{location} is no text")))
}

fn unread(error: &CallError, place: &str, is_missing: bool) -> NoSuite {
    let missing = if error.is_not_found() { "there is no" } else { "cannot read the" };
    NoSuite { subject: format!("{missing} suite at {place}"), detail: Chain(error).to_string(), is_missing }
}

fn unusable(detail: String) -> NoSuite {
    NoSuite { subject: "the suite cannot be used".to_owned(), detail, is_missing: false }
}
