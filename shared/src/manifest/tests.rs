//! Tests of manifests in their canonical form; those of files are with `slipway check`.

use serde_json::{Value, json};

use super::*;
use crate::judge::{Direction, Policy};

/// A manifest with every member of what is judged.
fn everything() -> Value {
    json!({
        "application": "shop",
        "template": "template.yaml",
        "functions": {"Shop": {
            "suite": {"checks": [{"name": "a", "kind": "invoke", "event": {"z": 1, "a": 2}, "expect": {}}]},
            "judge": {"level": 0.01, "minimumRequests": 10, "pass": 90.0, "marginal": 50.0, "inconclusive": "pass", "groups": [
                {"name": "users", "weight": 2.0, "metrics": [
                    {"name": "failed", "of": "metric", "namespace": "shop", "bad": "Failures", "requests": "Requests",
                     "dimensions": {"Service": "shop"}, "versionDimension": "Version", "tolerance": 1.5, "direction": "either",
                     "critical": true, "mustHaveData": true},
                    {"name": "errors", "of": "errors", "tolerance": 1.0},
                    {"name": "throttles", "of": "throttles", "tolerance": 1.0},
                    {"name": "duration", "of": "duration", "quantiles": [0.5], "thresholds": ["2s"], "tolerance": 1.0},
                ]},
            ]},
        }},
    })
}

#[test]
fn what_is_written_is_what_was_read() {
    let manifest = Manifest::parse(&everything().to_string()).unwrap();
    assert_eq!(serde_json::to_value(&manifest).unwrap(), everything());
    assert_eq!(Manifest::parse(&manifest.to_canonical()).unwrap(), manifest);
}

#[test]
fn the_canonical_text_depends_on_no_order() {
    let canonical = |event: &str| {
        let text = everything().to_string().replace(r#"{"z":1,"a":2}"#, event);
        Manifest::parse(&text).unwrap().to_canonical()
    };
    assert_eq!(canonical(r#"{"z":1,"a":2}"#), canonical(r#"{"a":2,"z":1}"#));
    assert!(canonical("{}").starts_with(r#"{"application":"shop","functions":{"Shop":{"judge":{"groups":[{"#));
}

#[test]
fn what_is_judged_is_the_judges_policy() {
    let manifest = Manifest::parse(&everything().to_string()).unwrap();
    let policy = manifest.judged("Shop").policy();
    assert_eq!((policy.level, policy.minimum_requests, policy.pass, policy.marginal), (0.01, 10, 90.0, 50.0));
    let metric = &policy.groups[0].metrics[0];
    assert_eq!((metric.name.as_str(), metric.tolerance, metric.direction), ("failed", 1.5, Direction::Either));
    assert!(metric.critical && metric.must_have_data);
}

#[test]
fn a_function_that_says_nothing_is_judged_as_its_application_is() {
    let mut value = everything();
    let judge = value["functions"]["Shop"].as_object_mut().unwrap().remove("judge").unwrap();
    let judged = |value: &Value| Manifest::parse(&value.to_string()).unwrap().judged("Shop");
    assert_eq!(judged(&value).level, Policy::LEVEL);
    value["judge"] = judge;
    assert_eq!(judged(&value).level, 0.01);
}

#[test]
fn a_release_names_no_files() {
    let text = r#"{"application": "shop", "functions": {"Shop": {"suite": "suites/shop.yaml"}}}"#;
    let faults = Manifest::parse(text).unwrap_err();
    assert_eq!(faults.to_string(), "/functions/Shop/suite: expected a map, found a text");
}
