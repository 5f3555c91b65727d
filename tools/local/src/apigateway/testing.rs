//! The way that the tests of this module share.

use std::collections::BTreeMap;

use super::gate::Gate;
use super::routes::RouteKey;
use super::way::Way;

/// An open way through the route of a key to nowhere, at the stage `$default` of the API `a1`.
pub(super) fn way(key: &str, parameters: &[(&str, &str)]) -> Way {
    Way {
        api_id: "a1".into(),
        stage: "$default".into(),
        stage_variables: BTreeMap::new(),
        route_key: RouteKey::parse(key).unwrap(),
        parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        gate: Gate::Open,
        admitted: true,
        integration: None,
        detailed_metrics: false,
    }
}
