//! The verdict on one deployment.

use indexmap::IndexMap;
use serde::Serialize;
use slipway_shared::judge::{Grade, Group, Judge, Metric, MetricJudgement, Outcome, Policy};

use super::history::Past;
use super::time::At;

/// The verdict on one deployment, as it is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict<'a> {
    /// The deployment, where the file names one.
    pub deployment: Option<&'a str>,
    /// The verdict.
    pub outcome: Outcome,
    /// The time of the look that decided: the one that stopped the deployment, or the last one, at which it has passed. `None` if
    /// nothing was decided.
    pub decided_at: Option<&'a At>,
    /// The score, from 0 to 100.
    pub score: f64,
    /// The score beside its thresholds.
    pub grade: Grade,
    /// The looks that were taken.
    pub looks: u64,
    /// The evidence against the deployment, of all metrics together.
    pub evidence: f64,
    /// The evidence that stops a deployment.
    pub enough: f64,
    /// The reasons for a verdict other than passed.
    pub reasons: Vec<String>,
    /// The metrics, in the order in which the file names them first.
    pub metrics: Vec<MetricJudgement>,
}

/// The policy for metrics that need none: all of equal weight, but for the thresholds of one quantity, such as `latency>250ms` and
/// `latency>1s`, which share one.
pub fn policy<'a>(strictness: &Policy, tolerance: f64, metrics: impl Iterator<Item = &'a str>) -> Policy {
    let mut groups: IndexMap<&str, Vec<Metric>> = IndexMap::new();
    for name in metrics {
        let quantity = name.split('>').next().unwrap_or(name).trim_end();
        groups.entry(quantity).or_default().push(Metric { tolerance, ..Metric::new(name) });
    }
    let groups = groups.into_iter().map(|(quantity, metrics)| Group::new(quantity, metrics)).collect();
    Policy { groups, ..strictness.clone() }
}

/// Takes the looks one by one, as the gate of a canary does, until one stops the deployment.
pub fn of<'a>(deployment: Option<&'a str>, past: &'a Past, mut judge: Judge) -> Verdict<'a> {
    let metrics: Vec<_> = past.metrics().map(|name| judge.metric(name)).collect();
    let stopped = past.looks().find(|look| {
        let pairs = look.pairs().filter_map(|(number, pair)| Some((metrics[number]?, pair)));
        judge.look(pairs)
    });
    let mut judgement = judge.judgement();
    let decided = match judgement.outcome {
        Outcome::Failed => stopped,
        Outcome::Passed => past.looks().next_back(),
        Outcome::Inconclusive => None,
    };
    // Groups may have changed the order.
    judgement.metrics.sort_by_key(|judged| past.metrics().position(|name| name == judged.metric));
    Verdict {
        deployment,
        outcome: judgement.outcome,
        decided_at: decided.map(|look| &look.at),
        score: judgement.score,
        grade: judgement.grade,
        looks: judgement.looks,
        evidence: judgement.evidence,
        enough: judgement.enough,
        reasons: judgement.reasons,
        metrics: judgement.metrics,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::history::History;
    use super::*;

    /// A look with a tenth of its 1,000 requests on the target.
    fn look(at: u32, target: u64, current: u64) -> String {
        [("target", 100, target), ("current", 900, current)]
            .map(|(version, requests, bad)| {
                json!({"at": at, "version": version, "metric": "errors", "requests": requests, "bad": bad}).to_string()
                    + "\n"
            })
            .concat()
    }

    fn judged(text: &str) -> Value {
        let history = History::read(text.as_bytes()).unwrap();
        let (name, past) = history.deployments().next().unwrap();
        let policy = policy(&Policy::new(Vec::new()), 1.0, past.metrics());
        serde_json::to_value(of(name, past, Judge::new(policy).unwrap())).unwrap()
    }

    #[test]
    fn a_deployment_fails_at_the_look_that_stops_it() {
        let verdict = judged(&[look(30, 1, 9), look(60, 30, 9), look(90, 0, 9)].concat());
        assert_eq!(
            (&verdict["outcome"], &verdict["decidedAt"], &verdict["looks"]),
            (&json!("failed"), &json!(60), &json!(2))
        );
        assert_eq!(verdict["metrics"][0]["target"], json!({"requests": 200, "bad": 31}));
        assert_eq!(verdict["score"], 0.0);
    }

    #[test]
    fn a_deployment_passes_at_its_last_look() {
        let verdict = judged(&[look(60, 1, 9), look(30, 1, 9)].concat());
        assert_eq!((&verdict["outcome"], &verdict["decidedAt"]), (&json!("passed"), &json!(60)));
        assert_eq!((&verdict["score"], &verdict["reasons"]), (&json!(100.0), &json!([])));
    }

    #[test]
    fn too_little_decides_nothing() {
        let verdict = judged(r#"{"at":60,"version":"target","metric":"errors","requests":100,"bad":50}"#);
        assert_eq!((&verdict["outcome"], &verdict["decidedAt"]), (&json!("inconclusive"), &Value::Null));
        assert_eq!(verdict["deployment"], Value::Null);
    }

    #[test]
    fn the_members_of_a_line_are_those_of_the_document() {
        let verdict = judged(&look(60, 1, 9));
        let members: Vec<_> = verdict.as_object().unwrap().keys().cloned().collect();
        let expected = [
            "deployment",
            "outcome",
            "decidedAt",
            "score",
            "grade",
            "looks",
            "evidence",
            "enough",
            "reasons",
            "metrics",
        ];
        assert_eq!(members, expected);
        let members: Vec<_> = verdict["metrics"][0].as_object().unwrap().keys().cloned().collect();
        let expected =
            ["metric", "group", "class", "critical", "share", "evidence", "estimate", "interval", "target", "current"];
        assert_eq!(members, expected);
    }

    #[test]
    fn thresholds_of_one_quantity_share_a_group() {
        let policy =
            policy(&Policy::new(Vec::new()), 1.2, ["errors", "latency>250ms", "latency > 1s", "refused"].into_iter());
        let groups: Vec<_> = policy.groups.iter().map(|group| (group.name.as_str(), group.metrics.len())).collect();
        assert_eq!(groups, [("errors", 1), ("latency", 2), ("refused", 1)]);
        assert!(policy.groups.iter().flat_map(|group| &group.metrics).all(|metric| metric.tolerance > 1.1));
    }
}
