//! The operations on the targets of rules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::bus::too_many;
use super::rules::of_rule;
use super::state::{EventBridge, page};
use super::target::{Target, service, target_members};
use crate::core::{Input, Reply};
use crate::operations::Operation;

/// The most targets of a rule.
const TARGETS: usize = 5;

type Op = Operation<EventBridge>;

/// The operations on targets.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("PutTargets", concat!("Rule EventBusName Targets{", target_members!(), "}"), |events, request| {
        events.put_targets(&request.input)
    })
    .on_found(of_rule)
    .passing(&[("Targets.RoleArn", "events.amazonaws.com")])
    .asking(|_, input| {
        let targets = input.list("Targets").iter().filter_map(|target| target["Arn"].as_str().map(str::to_owned));
        vec![("events:TargetArn".to_owned(), targets.collect())]
    }),
    Op::now("RemoveTargets", "Rule EventBusName Ids Force", |events, request| events.remove_targets(&request.input))
        .on_found(of_rule),
    Op::now("ListTargetsByRule", "Rule EventBusName NextToken Limit", |events, request| {
        events.with_rule(&request.input, "Rule", |rule| {
            let found: Vec<_> = rule.targets.iter().map(|(id, target)| (id.clone(), target.raw.clone())).collect();
            page(&found, &request.input, "Targets", &format!("ListTargetsByRule {}", rule.arn))
        })
    })
    .on_found(of_rule),
    Op::now("ListRuleNamesByTarget", "TargetArn EventBusName NextToken Limit", |events, request| {
        let arn = request.input.str("TargetArn")?;
        events.with_bus(request.input.opt_str("EventBusName"), |bus| {
            let has = |target: &Target| target.arn == arn;
            let taken = bus.rules.values().filter(|rule| rule.targets.values().any(has));
            let found: Vec<_> = taken.map(|rule| (rule.name.clone(), json!(rule.name))).collect();
            page(&found, &request.input, "RuleNames", &format!("ListRuleNamesByTarget {} {arn}", bus.name))
        })
    }),
];

impl EventBridge {
    /// Puts all targets, or none.
    fn put_targets(&self, input: &Input) -> Reply {
        self.with_rule(input, "Rule", |rule| {
            let given = input.list("Targets");
            given.iter().filter_map(|target| target["Arn"].as_str()).try_for_each(|arn| service(arn).map(drop))?;
            let targets = given.iter().map(Target::read).collect::<Result<Vec<_>, _>>()?;
            let id = |target: &Target| target.raw["Id"].as_str().unwrap_or_default().to_owned();
            let all: BTreeSet<String> = targets.iter().map(id).chain(rule.targets.keys().cloned()).collect();
            if all.len() > TARGETS {
                return Err(too_many());
            }
            targets.iter().try_for_each(Target::served)?;
            rule.targets.extend(targets.into_iter().map(|target| (id(&target), target)));
            Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
        })
    }

    fn remove_targets(&self, input: &Input) -> Reply {
        self.with_rule(input, "Rule", |rule| {
            let ids = input.strings("Ids").into_iter();
            let unknown: Vec<String> = ids.filter(|id| rule.targets.remove(id).is_none()).collect();
            let failed = |id: &String| {
                let message = format!("Rule {} does not have a target with the Id {id}.", rule.name);
                json!({ "TargetId": id, "ErrorCode": "ResourceNotFoundException", "ErrorMessage": message })
            };
            let failed: Vec<Value> = unknown.iter().map(failed).collect();
            Ok(json!({ "FailedEntryCount": failed.len(), "FailedEntries": failed }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_role_is_refused_without() {
        let target = json!({ "Id": "t", "Arn": "arn:aws:codepipeline:us-east-1:000000000000:p" });
        let error = Target::read(&target).unwrap_err();
        assert_eq!(error.message, "RoleArn is required for target arn:aws:codepipeline:us-east-1:000000000000:p.");
    }
}
