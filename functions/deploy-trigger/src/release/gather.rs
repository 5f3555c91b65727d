//! The gathering of a release that shifts several functions: written before anything is executed, dissolved when the release is over.
//!
//! A release of one function makes none. It ends one that is left over, whose release could not: nobody may wait for its functions.

use slipway_shared::call::CallError;
use slipway_shared::guard::{Together, together};
use slipway_shared::ledger::{Basis, Gathering, ReadGathering, StoredGathering, WriteGathering, Written};
use slipway_shared::manifest::HookNames;
use slipway_shared::release::{ReleaseRecord, ReleaseState};
use slipway_shared::stacks::{GetTemplate, ResourceChange};
use slipway_shared::telemetry::Chain;
use slipway_shared::template::parse;

use super::halt::Halt;
use crate::attempt::Attempt;
use crate::ports::Ports;

/// Writes down which functions the change set shifts as one, if they are several.
pub(super) async fn gather<P: Ports>(
    attempt: &Attempt<'_, P>,
    record: &mut ReleaseRecord,
    change_set: &str,
    changes: &[ResourceChange],
) -> Result<(), Halt> {
    let (ports, stack) = (attempt.ports, record.stack.clone());
    let shifted: Vec<Shifted<'_>> = changes.iter().filter_map(Shifted::of).collect();
    if shifted.len() < 2 {
        return end_any(ports, &stack).await;
    }
    let text = ports.stacks().get_processed_template(&stack, change_set).await?;
    let unreadable = |error| CallError::Unexpected { operation: "GetTemplate", source: Box::new(error) };
    let template = parse(&text).map_err(unreadable)?.to_json();
    let aliases: Vec<&str> = shifted.iter().map(|alias| alias.logical_id).collect();
    let hook = HookNames::of_stack(&stack).pre_traffic;
    let Together { aliases, apart } = together(&template, &aliases, &hook, &stack);
    let apart: Vec<String> = apart.iter().map(ToString::to_string).collect();
    let members = shifted.iter().filter(|alias| aliases.iter().any(|id| id == alias.logical_id));
    let members: Vec<(String, String)> = members.map(|its| (its.function.to_owned(), its.alias.to_owned())).collect();
    tracing::info!(
        release.functions = members.iter().map(|(function, _)| function.as_str()).collect::<Vec<_>>().join(" "),
        release.apart = apart.join("; "),
        "several functions are released"
    );
    if members.len() < 2 {
        return end_any(ports, &stack).await;
    }
    let Some(ledger) = ports.ledger() else {
        let reason = "several functions are to be shifted as one, and there is no ledger in which they could gather";
        return Err(Halt::Close(ReleaseState::Failed, reason.to_owned()));
    };
    record.gathers = true;
    let now = attempt.now();
    Ok(write(ledger, &Gathering::of(&stack, &record.execution_id, now, members, apart)).await?)
}

/// Unless it is written already: who has come must not be forgotten.
async fn write<L: ReadGathering + WriteGathering>(ledger: &L, gathering: &Gathering) -> Result<(), CallError> {
    loop {
        let basis = match ledger.read_gathering(&gathering.stack).await? {
            None => Basis::Nothing,
            Some(stored) if stored.gathering.is_same(gathering) => return Ok(()),
            Some(stored) => Basis::Revision(stored.revision),
        };
        if matches!(ledger.write_gathering(gathering, basis).await?, Written::Kept(_)) {
            return Ok(());
        }
    }
}

/// Ends the gathering of a release that is over, so that nobody who shifts an alias later waits in it. Best effort: the release closes
/// all the same, and the next one either has a gathering of its own or ends what it finds.
pub(crate) async fn dissolve<P: Ports>(ports: &P, record: &ReleaseRecord) {
    let Some(ledger) = ports.ledger().filter(|_| record.gathers) else { return };
    let is_its = |gathering: &Gathering| gathering.release == record.execution_id;
    if let Err(error) = end(ledger, &record.stack, is_its).await {
        tracing::warn!(error = %Chain(&error), "the gathering of a release that is over could not be ended");
    }
}

/// The stack is this release's alone by now, so that a gathering which stands there is nobody's any more.
async fn end_any<P: Ports>(ports: &P, stack: &str) -> Result<(), Halt> {
    match ports.ledger() {
        Some(ledger) => Ok(end(ledger, stack, |_| true).await?),
        None => Ok(()),
    }
}

async fn end<L: ReadGathering + WriteGathering>(
    ledger: &L,
    stack: &str,
    is_meant: impl Fn(&Gathering) -> bool,
) -> Result<(), CallError> {
    loop {
        let Some(StoredGathering { mut gathering, revision }) = ledger.read_gathering(stack).await? else {
            return Ok(());
        };
        if gathering.over || !is_meant(&gathering) {
            return Ok(());
        }
        gathering.over = true;
        if matches!(ledger.write_gathering(&gathering, Basis::Revision(revision)).await?, Written::Kept(_)) {
            return Ok(());
        }
    }
}

/// An alias that a change set points to another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shifted<'a> {
    logical_id: &'a str,
    function: &'a str,
    alias: &'a str,
}

impl<'a> Shifted<'a> {
    /// None for anything else, also for an alias of which it is not certain that it moves: the others would wait for it in vain.
    fn of(change: &'a ResourceChange) -> Option<Self> {
        let moves = change.properties.iter().any(|property| property.name == "FunctionVersion" && property.is_certain);
        let is_alias = change.resource_type == "AWS::Lambda::Alias" && change.action == "Modify";
        if !is_alias || !moves || change.replacement == "True" {
            return None;
        }
        // arn:aws:lambda:<region>:<account>:function:<function>:<alias>
        let mut parts = change.physical_id.as_deref()?.split(':').skip(6);
        Some(Self { logical_id: &change.logical_id, function: parts.next()?, alias: parts.next()? })
    }
}
