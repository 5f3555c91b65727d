//! `slipway releases`: the last releases of each stage.

use serde::Serialize;
use slipway_shared::release::{Found, ListReleases, ReadReleases, ReleaseRecord, StageKey, StageState};
use slipway_shared::telemetry::Chain;

use super::{tables, text, unreadable};
use crate::cli::ReleasesOptions;
use crate::console;
use crate::failure::Failure;
use crate::operator;

/// A line of the list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    stage: String,
    /// `live`, `previous`, `leading`; none for any other.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(flatten)]
    release: &'a ReleaseRecord,
}

/// Prints the releases.
///
/// # Errors
/// Fails if they cannot be read, or if there is no such stage.
pub async fn run(options: &ReleasesOptions) -> Result<(), Failure> {
    let settings = operator::settings(options.endpoint.as_deref())?;
    let mut stages = 0;
    for table in tables::list(&settings).await.map_err(|error| unreadable(&error))? {
        for stage in table.list_stages().await.map_err(|error| unreadable(&Chain(&error)))? {
            if options.stage.as_ref().is_some_and(|asked| *asked != stage.to_string()) {
                continue;
            }
            stages += 1;
            let state = table.read_stage(&stage, &[]).await.map_err(|error| unreadable(&Chain(&error)))?.state;
            let listed = table.list_releases(&stage, options.limit).await;
            print(&stage, &state, listed.map_err(|error| unreadable(&Chain(&error)))?, options.json)?;
        }
    }
    match &options.stage {
        Some(stage) if stages == 0 => Err(Failure::SaidNo(format!("nothing was released to {stage}"))),
        _ if stages == 0 => {
            console::note("nothing was released yet");
            Ok(())
        }
        _ => Ok(()),
    }
}

fn print(stage: &StageKey, state: &StageState, listed: Vec<(String, Found)>, as_json: bool) -> Result<(), Failure> {
    let mut records = Vec::new();
    for (release, found) in listed {
        match found {
            Found::Record(record) => records.push(*record),
            Found::Unusable(reason) => console::note(&format!("the record of {release} cannot be used: {reason}")),
        }
    }
    if !as_json {
        console::result(text::list(stage, state, &records).trim_end());
        return Ok(());
    }
    for release in &records {
        let line = Line { stage: stage.to_string(), role: text::role(state, &release.execution_id), release };
        let line = serde_json::to_string(&line).map_err(|error| Failure::environment("a release is no JSON", error))?;
        console::result(&line);
    }
    Ok(())
}
