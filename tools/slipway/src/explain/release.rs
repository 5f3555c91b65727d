//! A release by its pipeline execution, its digest or its commit.

use slipway_shared::aws::AwsSettings;
use slipway_shared::release::{ListReleases, ReleaseRecord};
use slipway_shared::telemetry::Chain;

use crate::failure::Failure;
use crate::releases;

/// Releases of a stage that are looked through, the last ones.
const MOST: usize = 500;
/// The shortest beginning of a digest or commit that names one.
const SHORTEST: usize = 6;

/// The newest release that the text names; `None` if there is none.
///
/// # Errors
/// Fails if the records cannot be read.
pub(super) async fn find(settings: &AwsSettings, text: &str) -> Result<Option<ReleaseRecord>, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::environment("the releases cannot be read", error);
    let mut newest: Option<ReleaseRecord> = None;
    for releases in releases::list(settings).await.map_err(|error| unreadable(&error))? {
        let stages = releases.list_stages().await.map_err(|error| unreadable(&Chain(&error)))?;
        for stage in stages {
            let listed = releases.list_releases(&stage, MOST).await.map_err(|error| unreadable(&Chain(&error)))?;
            let records = listed.into_iter().filter_map(|(_, found)| found.record());
            let named = records.filter(|record| is_named(record, text)).chain(newest.take());
            newest = named.max_by_key(|record| record.entered_at);
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
