//! The hooks' verdicts, which are parameters.

use slipway_shared::aws::{self, AwsParameters, AwsSettings};
use slipway_shared::hook::Record;
use slipway_shared::identity::DeploymentId;
use slipway_shared::ledger::{CheckEntry, Entry, Gate};
use slipway_shared::parameters::ListParameters;
use slipway_shared::telemetry::Chain;

use super::release::ROOT;

/// The verdicts on a deployment that hooks have recorded, in whatever application and stage.
pub(super) async fn entries(settings: &AwsSettings, id: &DeploymentId) -> Result<Vec<Entry>, String> {
    let parameters = AwsParameters::new(aws::ssm(settings));
    let listed = parameters.list_parameters(ROOT).await.map_err(|error| Chain(&error).to_string())?;
    let path = format!("/verdicts/{id}/");
    let recorded = listed.iter().filter(|parameter| parameter.name.contains(&path));
    let mut entries: Vec<Entry> =
        recorded.filter_map(|parameter| entry(serde_json::from_str(&parameter.value).ok()?)).collect();
    entries.sort_by_key(|entry| entry.gate);
    Ok(entries)
}

/// A hook's record as an entry of the ledger.
fn entry(record: Record) -> Option<Entry> {
    let gates = [Gate::BeforeAllowTraffic, Gate::AfterAllowTraffic];
    let gate = gates.into_iter().find(|gate| gate.as_str() == record.lifecycle_event)?;
    let check = |name, outcome, duration_ms| CheckEntry { name, outcome, duration_ms };
    Some(Entry {
        deployment_id: record.deployment_id,
        gate,
        verdict: record.verdict,
        closed: true,
        stops: false,
        action: Some(format!("reported {}", record.status)),
        reasons: record.reasons,
        at: record.at,
        stage: record.stage,
        application: record.application.unwrap_or_default(),
        deployment_group: record.deployment_group.unwrap_or_default(),
        function: record.function.unwrap_or_else(|| "an unknown function".to_owned()),
        alias: record.alias.unwrap_or_default(),
        current_version: record.current_version,
        target_version: record.target_version.unwrap_or_else(|| "?".to_owned()),
        looks: 0,
        score: None,
        probability: None,
        manifest: None,
        metrics: Vec::new(),
        checks: record.checks.into_iter().map(|its| check(its.name, its.outcome, its.duration_ms)).collect(),
        notes: Vec::new(),
        notice: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hooks_record_is_told_as_the_others_are() {
        let text = r#"{"deploymentId":"d-1","lifecycleEvent":"BeforeAllowTraffic","stage":"production","verdict":"failed",
            "status":"Failed","reasons":["no answer"],"at":"2026-11-20T10:00:00Z",
            "checks":[{"name":"health","outcome":"failed","durationMs":7}]}"#;
        let entry = entry(serde_json::from_str(text).unwrap()).unwrap();
        assert_eq!((entry.gate, entry.action.as_deref()), (Gate::BeforeAllowTraffic, Some("reported Failed")));
        assert_eq!((entry.checks.len(), entry.reasons.len()), (1, 1));
    }
}
