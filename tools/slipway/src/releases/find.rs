//! A release by its pipeline execution, its digest or its commit.

use slipway_shared::aws::AwsSettings;
use slipway_shared::release::{ListReleases, ReadReleases, ReleaseRecord, StageKey, StageState};
use slipway_shared::telemetry::Chain;

use super::{tables, unreadable};
use crate::failure::Failure;

/// Releases of a stage that are looked through, the last ones.
const MOST: usize = 500;
/// The shortest beginning of a digest or commit that names one.
const SHORTEST: usize = 6;

/// A release, and the stage that it went to.
#[derive(Debug)]
pub struct Release {
    /// The stage.
    pub stage: StageKey,
    /// The state of the stage.
    pub state: StageState,
    /// The record.
    pub record: ReleaseRecord,
}

/// The newest release that the text names; `None` if there is none.
///
/// # Errors
/// Fails if the records cannot be read.
pub async fn find(settings: &AwsSettings, text: &str) -> Result<Option<Release>, Failure> {
    let mut newest: Option<Release> = None;
    for releases in tables::list(settings).await.map_err(|error| unreadable(&error))? {
        for stage in releases.list_stages().await.map_err(|error| unreadable(&Chain(&error)))? {
            let listed = releases.list_releases(&stage, MOST).await.map_err(|error| unreadable(&Chain(&error)))?;
            let records = listed.into_iter().filter_map(|(_, found)| found.record());
            // The last that entered comes first.
            let Some(record) = records.into_iter().find(|record| is_named(record, text)) else { continue };
            if newest.as_ref().is_none_or(|newest| newest.record.entered_at < record.entered_at) {
                let stored = releases.read_stage(&stage, &[]).await.map_err(|error| unreadable(&Chain(&error)))?;
                newest = Some(Release { stage, state: stored.state, record });
            }
        }
    }
    Ok(newest)
}

fn is_named(record: &ReleaseRecord, text: &str) -> bool {
    let begins = |whole: Option<&str>| text.len() >= SHORTEST && whole.is_some_and(|whole| whole.starts_with(text));
    record.execution_id == text
        || begins(record.commit.as_deref())
        || begins(record.content.as_ref().map(|content| content.release.as_str()))
}

#[cfg(test)]
mod tests {
    use slipway_shared::release::Content;

    use super::*;

    #[test]
    fn a_release_is_named_by_its_execution_its_digest_or_its_commit() {
        let at = "2026-11-20T10:00:00Z".parse().unwrap();
        let mut record = ReleaseRecord::entered("0d9f4c0e-0001", "rolodex", "rolodex-production", at);
        record.commit = Some("b".repeat(40));
        record.content = Some(Content { release: "2".repeat(64), commit: "b".repeat(40), manifest: None });
        for name in ["0d9f4c0e-0001", "bbbbbbbb", "222222"] {
            assert!(is_named(&record, name), "{name}");
        }
        for other in ["0d9f4c0e", "bbb", "333333", ""] {
            assert!(!is_named(&record, other), "{other}");
        }
    }
}
