//! Reads the stages of a manifest, and reports every fault of one with its place.

use std::collections::{BTreeSet, HashSet};

use super::parameters::parameters;
use super::read_times::{freezes, length, windows};
use super::types::{Capability, DeclaredStage, Promotion};
use crate::identity::Stage;
use crate::manifest::guarding::is_way;
use crate::manifest::judged::Inconclusive;
use crate::reading::At;
use crate::release::Queue;
use crate::template::Content;

const QUEUES: [(&str, Queue); 2] = [("newest", Queue::Newest), ("inOrder", Queue::InOrder)];
const PROMOTIONS: [(&str, Promotion); 2] = [("success", Promotion::Success), ("manual", Promotion::Manual)];

/// Reads the stages in the order of promotion. What cannot be used is left out and reported.
pub(in crate::manifest) fn stages(at: &At<'_>) -> Option<Vec<DeclaredStage>> {
    let items = at.items()?;
    if items.is_empty() {
        at.fault("no stage is named");
    }
    let (mut names, mut stacks) = (HashSet::new(), HashSet::new());
    let read = |(index, at): (usize, &At<'_>)| stage(at, index == 0, &mut names, &mut stacks);
    Some(items.iter().enumerate().filter_map(read).collect())
}

fn stage(
    at: &At<'_>,
    is_first: bool,
    names: &mut HashSet<String>,
    stacks: &mut HashSet<String>,
) -> Option<DeclaredStage> {
    let mut members = at.members()?;
    let name = members.required("name").and_then(|at| unique(&at, "stages are called", names, name));
    let stack = members.required("stack").and_then(|at| unique(&at, "stages have the stack", stacks, stack_name));
    let parameters = members.optional("parameters").and_then(|at| parameters(&at));
    let capabilities = members.optional("capabilities").and_then(|at| at.each(|at| at.choice(&Capability::NAMES)));
    let deployment = members.optional("deployment").and_then(|at| at.text().filter(|way| is_way(&at, way)));
    let inconclusive = members.optional("inconclusive").and_then(|at| at.choice(&Inconclusive::NAMES));
    let approval = members.optional("approval").and_then(|at| at.boolean());
    let promotion = members.optional("promotion");
    if let Some(at) = promotion.as_ref().filter(|_| is_first) {
        at.fault_of_key("no stage is before the first: nothing is promoted to it");
    }
    let promotion = promotion.and_then(|at| self::promotion(&at));
    let queue = members.optional("queue").and_then(|at| at.choice(&QUEUES));
    let windows = members.optional("windows").and_then(|at| windows(&at));
    let freezes = members.optional("freezes").and_then(|at| freezes(&at));
    let notify = members.optional("notify").and_then(|at| topics(&at));
    members.finish();
    Some(DeclaredStage {
        name: name?.parse().ok()?,
        stack: stack?,
        parameters: parameters.unwrap_or_default(),
        capabilities: capabilities.into_iter().flatten().collect::<BTreeSet<_>>(),
        deployment: deployment.map(str::to_owned),
        inconclusive,
        approval: approval.unwrap_or_default(),
        promotion: promotion.unwrap_or_default(),
        queue: queue.unwrap_or_default(),
        windows: windows.unwrap_or_default(),
        freezes: freezes.unwrap_or_default(),
        notify: notify.unwrap_or_default(),
    })
}

/// A text that no other stage has; `read` reports one that cannot be.
fn unique(
    at: &At<'_>,
    two: &str,
    others: &mut HashSet<String>,
    read: impl Fn(&At<'_>) -> Option<String>,
) -> Option<String> {
    let text = read(at)?;
    if !others.insert(text.clone()) {
        at.fault(format!("two {two} {text:?}"));
    }
    Some(text)
}

fn name(at: &At<'_>) -> Option<String> {
    let text = at.text()?;
    if let Err(error) = text.parse::<Stage>() {
        at.fault(format!("{text:?} is {error}"));
        return None;
    }
    Some(text.to_owned())
}

/// CloudFormation's rule for the name of a stack
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>).
fn stack_name(at: &At<'_>) -> Option<String> {
    let name = at.text()?;
    let is_word = name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
    if is_word && name.len() <= 128 && name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Some(name.to_owned());
    }
    at.fault(format!("{name:?} is no stack: up to 128 letters, digits and hyphens, beginning with a letter"));
    None
}

fn promotion(at: &At<'_>) -> Option<Promotion> {
    if !matches!(at.node().content, Content::Map(_)) {
        return at.choice(&PROMOTIONS);
    }
    let mut members = at.members()?;
    let bake = members.required("bake").and_then(|at| length(&at));
    members.finish();
    bake.map(Promotion::Bake)
}

fn topics(at: &At<'_>) -> Option<Vec<String>> {
    let mut known = HashSet::new();
    at.each(|at| unique(at, "entries are", &mut known, topic))
}

/// The ARN of a topic of SNS (<https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>).
fn topic(at: &At<'_>) -> Option<String> {
    let text = at.text()?;
    let parts: Vec<&str> = text.split(':').collect();
    let is_name = |name: &str| {
        let name = name.strip_suffix(".fifo").unwrap_or(name);
        !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_'))
    };
    let is_account = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    match parts[..] {
        ["arn", partition, "sns", region, account, name]
            if partition.starts_with("aws") && !region.is_empty() && is_account(account) && is_name(name) =>
        {
            Some(text.to_owned())
        }
        _ => {
            at.fault(format!("{text:?} is no topic's ARN: arn:aws:sns:region:account:name"));
            None
        }
    }
}
