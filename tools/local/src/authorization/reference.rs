//! The Service Authorization Reference, as data: what an action is done to (`models/authorization/reference.json`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/authorization/reference.json"));

static REFERENCE: LazyLock<BTreeMap<String, Vendor>> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());

#[derive(Deserialize)]
struct Vendor {
    actions: BTreeMap<String, Action>,
    #[cfg(test)]
    resources: BTreeMap<String, Resource>,
}

/// An action as the reference has it.
#[derive(Debug, Deserialize)]
pub(crate) struct Action {
    /// `Read`, `Write`, `List`, `Tagging` or `Permissions management`.
    #[cfg(test)]
    level: String,
    /// Types of resources, and whether one of the type must be named.
    #[serde(default)]
    resources: BTreeMap<String, bool>,
}

#[cfg(test)]
#[derive(Deserialize)]
struct Resource {
    arn: String,
}

/// An action such as `ssm:GetParameter`.
pub(crate) fn action(name: &str) -> Option<&'static Action> {
    let (vendor, name) = name.split_once(':')?;
    REFERENCE.get(vendor)?.actions.get(name)
}

/// The actions of a service, by name.
pub(crate) fn actions(vendor: &str) -> impl Iterator<Item = (&'static str, &'static Action)> {
    let actions = REFERENCE.get(vendor).into_iter().flat_map(|vendor| &vendor.actions);
    actions.map(|(name, action)| (name.as_str(), action))
}

impl Action {
    /// True if it is done to resources of this type.
    pub(crate) fn is_done_to(&self, kind: &str) -> bool {
        self.resources.contains_key(kind)
    }

    /// True if it is done to resources that a policy can name.
    pub(crate) fn takes_resources(&self) -> bool {
        !self.resources.is_empty()
    }
}

/// True if an ARN is of a type that an action is done to: `*` where the action needs none.
#[cfg(test)]
pub(crate) fn fits(name: &str, arn: &str) -> bool {
    let (Some((vendor, _)), Some(action)) = (name.split_once(':'), action(name)) else { return false };
    if arn == "*" {
        return !action.resources.values().any(|required| *required);
    }
    let resources = &REFERENCE[vendor].resources;
    action.resources.keys().filter_map(|kind| resources.get(kind)).any(|kind| is_of(&kind.arn, arn))
}

/// True if an ARN is of a pattern such as `arn:${Partition}:sns:${Region}:${Account}:${TopicName}`.
#[cfg(test)]
fn is_of(pattern: &str, arn: &str) -> bool {
    let mut expression = String::from("^");
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        expression.push_str(&regex::escape(before));
        expression.push_str(".*");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    expression.push_str(&regex::escape(rest));
    expression.push('$');
    regex::Regex::new(&expression).is_ok_and(|expression| expression.is_match(arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_known_with_what_they_are_done_to() {
        assert!(action("ssm:GetParameter").is_some_and(Action::takes_resources));
        assert!(action("ssm:DescribeParameters").is_some_and(|action| !action.takes_resources()));
        assert!(action("sts:GetCallerIdentity").is_some_and(|action| action.level == "Read"));
        assert!(action("ssm:Nothing").is_none() && action("nothing").is_none());
        assert!(fits("ssm:GetParameter", "arn:aws:ssm:us-east-1:000000000000:parameter/a/b"));
        assert!(!fits("ssm:GetParameter", "arn:aws:ssm:us-east-1:000000000000:document/a"));
        assert!(!fits("ssm:GetParameter", "*") && fits("ssm:DescribeParameters", "*"));
    }
}
