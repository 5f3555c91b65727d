//! `slipway override`: for a time, an alarm does not decide whether a release goes on.
//!
//! The act goes into the ledger, with who, when and why. A release that is prepared before it expires leaves the alarm out of its
//! deployment groups; the alarm itself is not touched.

mod facts;

use jiff::{SignedDuration, Timestamp};
use slipway_shared::aws::AwsSettings;
use slipway_shared::overrides::{AlarmOverride, ReadOverrides, WriteOverride, in_force};
use slipway_shared::telemetry::Chain;

use crate::cli::OverrideOptions;
use crate::console;
use crate::failure::Failure;
use crate::ledgers::{self, StackLedger};
use crate::operator;

/// The longest override. Whoever needs more has an alarm to change.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Overrides an alarm, lifts its override, or lists those in force.
///
/// # Errors
/// Fails if there is no such alarm, if the time is none that an override may have, or if AWS cannot be asked.
pub async fn run(options: &OverrideOptions) -> Result<(), Failure> {
    let aws = operator::settings(options.endpoint.as_deref())?;
    let ledgers = ledgers::list(&aws).await;
    let ledgers = ledgers.map_err(|error| Failure::environment("the ledgers cannot be found", error))?;
    match &options.alarm {
        Some(alarm) => Box::pin(act(&aws, ledgers, alarm, options)).await,
        None => list(&ledgers, options).await,
    }
}

async fn act(
    aws: &AwsSettings,
    ledgers: Vec<StackLedger>,
    alarm: &str,
    options: &OverrideOptions,
) -> Result<(), Failure> {
    let now = Timestamp::now();
    let reason = options.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let reason = reason.ok_or_else(|| Failure::Environment("an override needs a --reason in words".to_owned()))?;
    let until = if options.lift { now } else { end(options.until.as_deref(), now).map_err(Failure::Environment)? };
    let found = facts::read(aws, alarm).await?;
    let stack = found.resource.as_ref().map(|resource| resource.stack.as_str());
    let to = choose(ledgers, options.slipway.as_deref(), stack)?;
    if options.lift && !overrides(&to, now).await?.iter().any(|act| act.alarm == alarm) {
        return Err(Failure::SaidNo(format!("no override of {alarm} is in force")));
    }
    let act = AlarmOverride {
        alarm: alarm.to_owned(),
        resource: found.resource,
        until,
        reason: reason.to_owned(),
        by: found.caller,
        at: now,
    };
    let written = to.ledger.write_override(&act).await;
    written.map_err(|error| Failure::SaidNo(format!("the override could not be written: {}", Chain(&error))))?;
    if options.json {
        return print_json(&act);
    }
    if options.lift {
        console::result(&format!("the override of alarm {alarm} is lifted, by {}: {reason}", act.by));
        console::note(&format!("the next release of {} puts it back into its deployment groups", to.stack));
        return Ok(());
    }
    console::result(&act.to_string());
    let groups = if found.groups.is_empty() { "none, as it is".to_owned() } else { found.groups.join(", ") };
    console::note(&format!("deployment groups that read it now: {groups}"));
    console::note(&format!("releases of {} that are prepared before {until} leave it out of them", to.stack));
    Ok(())
}

async fn list(ledgers: &[StackLedger], options: &OverrideOptions) -> Result<(), Failure> {
    let now = Timestamp::now();
    let is_asked = |ledger: &&StackLedger| options.slipway.as_ref().is_none_or(|stack| *stack == ledger.stack);
    let mut count = 0;
    for ledger in ledgers.iter().filter(is_asked) {
        for act in overrides(ledger, now).await? {
            count += 1;
            if options.json { print_json(&act)? } else { console::result(&act.to_string()) }
        }
    }
    if count == 0 {
        console::note("no alarm is overridden");
    }
    Ok(())
}

async fn overrides(from: &StackLedger, now: Timestamp) -> Result<Vec<AlarmOverride>, Failure> {
    let acts = from.ledger.list_overrides().await;
    let acts = acts
        .map_err(|error| Failure::SaidNo(format!("the ledger of {} cannot be read: {}", from.stack, Chain(&error))))?;
    Ok(in_force(acts, now))
}

fn print_json(act: &AlarmOverride) -> Result<(), Failure> {
    let text = serde_json::to_string(act).map_err(|error| Failure::environment("the override is no JSON", error))?;
    console::result(&text);
    Ok(())
}

/// The end of an override: a time as RFC 3339 has it, or a length such as `2h` or `90m` from now.
fn end(text: Option<&str>, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.ok_or("an override needs an end: --until")?;
    let length = text.parse::<SignedDuration>().ok();
    let until = length.map_or_else(|| text.parse().ok(), |length| now.checked_add(length).ok());
    let until: Timestamp =
        until.ok_or_else(|| format!("--until {text}: neither a time as RFC 3339 has it nor a length such as 2h"))?;
    if until <= now {
        return Err(format!("--until {text}: that is over; --lift ends an override"));
    }
    if until.duration_since(now) > LONGEST {
        return Err(format!("--until {text}: an override lasts at most 7 days"));
    }
    Ok(until)
}

/// The ledger that the alarm's stack is released by: the one that is asked for, the stack's own, or the only one.
fn choose(mut ledgers: Vec<StackLedger>, asked: Option<&str>, stack: Option<&str>) -> Result<StackLedger, Failure> {
    let position = |name: &str| ledgers.iter().position(|ledger| ledger.stack == name);
    let chosen = match (asked, stack.and_then(position)) {
        (Some(asked), _) => position(asked).ok_or_else(|| format!("the stack {asked} has no ledger")),
        (None, Some(own)) => Ok(own),
        (None, None) if ledgers.len() == 1 => Ok(0),
        (None, None) if ledgers.is_empty() => {
            Err("no stack has a ledger: is there a Slipway in this region?".to_owned())
        }
        (None, None) => {
            let names: Vec<&str> = ledgers.iter().map(|ledger| ledger.stack.as_str()).collect();
            Err(format!("there are several ledgers: say --slipway with one of {}", names.join(", ")))
        }
    };
    chosen.map(|index| ledgers.swap_remove(index)).map_err(Failure::Environment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn now() -> Timestamp {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    #[test_case("2h", "2026-11-20T12:00:00Z")]
    #[test_case("90m", "2026-11-20T11:30:00Z")]
    #[test_case("2026-11-20T15:00:00+01:00", "2026-11-20T14:00:00Z")]
    #[test_case("168h", "2026-11-27T10:00:00Z")]
    fn an_end_is_a_time_or_a_length(text: &str, end: &str) {
        assert_eq!(super::end(Some(text), now()), Ok(end.parse().unwrap()));
    }

    #[test_case(Some("2026-11-20T10:00:00Z"), "that is over"; "now")]
    #[test_case(Some("-2h"), "that is over"; "before now")]
    #[test_case(Some("169h"), "at most 7 days"; "too long")]
    #[test_case(Some("tomorrow"), "neither a time"; "a word")]
    #[test_case(Some("2026-11-21"), "neither a time"; "a day")]
    #[test_case(None, "needs an end"; "none")]
    fn another_end_is_refused(text: Option<&str>, why: &str) {
        assert!(super::end(text, now()).unwrap_err().contains(why));
    }
}
