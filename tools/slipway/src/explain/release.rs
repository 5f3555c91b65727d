//! A release by its pipeline execution, its digest or its commit.

use slipway_shared::aws::{self, AwsParameters, AwsSettings};
use slipway_shared::parameters::ListParameters;
use slipway_shared::release::ReleaseRecord;
use slipway_shared::telemetry::Chain;

use crate::failure::Failure;

/// The path above every application's parameters.
const ROOT: &str = "/slipway";
/// The shortest beginning of a digest or commit that names one.
const SHORTEST: usize = 6;

/// The newest release that the text names; `None` if there is none.
///
/// # Errors
/// Fails if the records cannot be read.
pub(super) async fn find(settings: &AwsSettings, text: &str) -> Result<Option<ReleaseRecord>, Failure> {
    let parameters = AwsParameters::new(aws::ssm(settings));
    let listed = parameters.list_parameters(ROOT).await;
    let listed = listed.map_err(|error| Failure::environment("the releases cannot be read", Chain(&error)))?;
    let records = listed.iter().filter_map(|parameter| {
        let (_, id) = parameter.name.split_once("/releases/")?;
        let record = (id != "current" && !id.contains('/')).then(|| serde_json::from_str(&parameter.value));
        record?.ok()
    });
    let named = records.filter(|record: &ReleaseRecord| is_named(record, text));
    Ok(named.max_by_key(|record| record.claimed_at))
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
        let mut record = ReleaseRecord::claimed("0d9f4c0e-0001", "rolodex", "rolodex-production", at);
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
