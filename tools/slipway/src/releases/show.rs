//! `slipway show`: one release, whole.

use serde::Serialize;
use slipway_shared::release::{ReleaseRecord, Ticket};

use super::{Release, find, text};
use crate::cli::ShowOptions;
use crate::console;
use crate::failure::Failure;
use crate::operator;

/// The release as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    stage: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    /// Its place in the queue of the stage, while it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a Ticket>,
    #[serde(flatten)]
    release: &'a ReleaseRecord,
}

/// Prints the release that is named.
///
/// # Errors
/// Fails if the records cannot be read, or if there is no such release.
pub async fn run(options: &ShowOptions) -> Result<(), Failure> {
    let settings = operator::settings(options.endpoint.as_deref())?;
    let found = find(&settings, &options.release).await?;
    let none = || Failure::SaidNo(format!("there is no release {}; `slipway releases` lists them", options.release));
    let Release { stage, state, record } = found.ok_or_else(none)?;
    if !options.json {
        console::result(text::whole(&stage, &state, &record).trim_end());
        return Ok(());
    }
    let shown = Shown {
        stage: stage.to_string(),
        role: text::role(&state, &record.execution_id),
        ticket: state.ticket(&record.execution_id),
        release: &record,
    };
    let text = serde_json::to_string(&shown).map_err(|error| Failure::environment("a release is no JSON", error))?;
    console::result(&text);
    Ok(())
}
