//! The message that people read about a deployment that was stopped, or whose hook failed it. Pure.

use slipway_shared::ledger::{Entry, Gate};
use slipway_shared::notifications::Notification;

use crate::act::{NOT_STOPPED, TOO_LATE};
use crate::settings::Settings;

/// SNS takes 100 characters, ASCII only, for an e-mail's subject.
const SUBJECT_CHARACTERS: usize = 100;

/// The message about an entry.
pub(crate) fn notification(settings: &Settings, entry: &Entry) -> Notification {
    let action = entry.action.as_deref().unwrap_or("judged");
    let (stack, version) = (&settings.stack, &entry.target_version);
    let subject = match entry.gate {
        Gate::AllowTraffic => format!("{stack}: shift to version {version} {action}"),
        _ if entry.stops => format!("{stack}: {} of version {version} {action}", entry.gate),
        _ => format!("{stack}: version {version} failed {}", entry.gate),
    };
    Notification { subject: ascii(&subject), body: body(entry, action) }
}

fn body(entry: &Entry, action: &str) -> String {
    let current = entry.current_version.as_deref().unwrap_or("unknown");
    let mut lines = vec![format!("{} in {}: {}, {action}.", entry.function, entry.stage, entry.verdict), String::new()];
    let mut line = |label: &str, text: &str| lines.push(format!("{label:<12}{text}"));
    line("Deployment", &entry.deployment_id);
    line("Gate", entry.gate.as_str());
    line("Versions", &format!("from {current} to {}, alias {}", entry.target_version, entry.alias));
    for reason in &entry.reasons {
        line("Why", reason);
    }
    for note in &entry.notes {
        line("Note", note);
    }
    line("When", &entry.at.to_string());
    line("More", &format!("cargo slipway explain {}", entry.deployment_id));
    match back(entry) {
        None if entry.gate == Gate::BeforeAllowTraffic && action != TOO_LATE => {
            line("Next", "no user has reached the new version: correct the cause and push");
        }
        None if action == TOO_LATE => line("Next", "all users have the new version: correct the cause and push"),
        None => line(
            "Next",
            "users get the current version again as soon as CodeDeploy has rolled back: correct the cause and push",
        ),
        Some(command) => {
            line("Next", "all users have the new version. This gives them the one from before:");
            line("", &command);
            line("", "The stack does not know of it: revert the commit, or correct the cause, and push at once");
        }
    }
    lines.join("\n") + "\n"
}

/// The command by which users get the version from before, where nothing else gives it to them. CodeDeploy stops no deployment that is over
/// (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html>), and CloudFormation would shift as long again.
fn back(entry: &Entry) -> Option<String> {
    let is_live = [TOO_LATE, NOT_STOPPED].map(Some).contains(&entry.action.as_deref());
    let current = entry.current_version.as_deref().filter(|_| is_live)?;
    let Entry { function, alias, .. } = entry;
    Some(format!(
        "aws lambda update-alias --function-name {function} --name {alias} --function-version {current} \
         --routing-config AdditionalVersionWeights={{}}"
    ))
}

/// Printable ASCII, cut to what a subject may have.
fn ascii(text: &str) -> String {
    let printable = |character: char| if character.is_ascii_graphic() || character == ' ' { character } else { '?' };
    text.chars().map(printable).take(SUBJECT_CHARACTERS).collect()
}
