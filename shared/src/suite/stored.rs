//! Reads a suite from where its parameter says that it lies.

use thiserror::Error;

use super::{Suite, SuiteSource};
use crate::call::CallError;
use crate::manifest::Manifest;
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

/// The suite of a function: the value of its parameter, or the S3 object or release's manifest that this names.
///
/// # Errors
/// The reason why there is no suite that can be used.
pub async fn read_suite<P, O>(parameters: &P, objects: &O, name: &str) -> Result<Suite, NoSuite>
where
    P: ReadParameter + Sync,
    O: GetObject + Sync,
{
    let parameter =
        parameters.read_parameter(name).await.map_err(|error| unread(&error, name, error.is_not_found()))?;
    let parse = |text: &str| Suite::parse(text).map_err(|faults| unusable(faults.to_string()));
    match SuiteSource::of(&parameter.value).map_err(unusable)? {
        SuiteSource::Text(text) => parse(&text),
        SuiteSource::Object(location) => parse(&text_of(objects, &location).await?),
        SuiteSource::Manifest { location, function } => {
            let text = text_of(objects, &location).await?;
            let mut manifest = Manifest::parse(&text).map_err(|faults| unusable(faults.to_string()))?;
            let named = manifest.functions.remove(&function).map(|function| function.suite);
            named.ok_or_else(|| unusable(format!("the manifest {location} does not name {function}")))
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
