//! Tests of the reader that no suite or manifest shows.

use serde_json::json;
use test_case::test_case;

use super::*;
use crate::template::Node;

#[test_case("timout" => Some("timeout"))]
#[test_case("Timeout" => Some("timeout"); "in another case")]
#[test_case("tmieout" => Some("timeout"); "two letters in the other order")]
#[test_case("retry" => None; "another word")]
#[test_case("" => None; "nothing")]
fn the_nearest_name_is_suggested(name: &str) -> Option<&'static str> {
    nearest(name, ["timeout", "retries", "name"])
}

#[test]
fn a_value_that_is_missing_without_a_fault_does_not_pass() {
    assert!(Collector::default().finish::<()>(None).is_err());
}

#[test]
fn a_member_that_has_no_effect_yet_is_named() {
    let (node, collector) = (Node::from_json(&json!({"stages": {}})), Collector::default());
    let mut members = At::top(&node, "", &collector).members().unwrap();
    members.reserved("stages", "this release has one stage");
    members.finish();
    let faults = collector.finish(Some(())).unwrap_err();
    assert_eq!(faults.to_string(), "/stages: stages has no effect yet: this release has one stage");
}
