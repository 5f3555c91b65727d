//! The words in which AWS refuses a call.

use super::decide::{Decision, Question, Source};
use super::principal::Caller;

/// The message of a refusal: who, what, on which resource, and why. An allowed call has none.
///
/// The texts are those of
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.
pub(crate) fn message(question: &Question<'_>, decision: &Decision<'_>) -> Option<String> {
    let why = match decision {
        Decision::Allowed(_) => return None,
        // STS says no more than that, whether the role is there or not.
        Decision::NotAllowed(_) if question.action.starts_with("sts:AssumeRole") => String::new(),
        Decision::ExplicitlyDenied(deciding) => format!(" with an explicit deny in {}", with_article(deciding.source)),
        Decision::NotAllowed(source) => {
            format!(" because no {} allows the {} action", kind(*source), question.action)
        }
    };
    let on = if question.resource == "*" { String::new() } else { format!(" on resource: {}", question.resource) };
    Some(format!("User: {} is not authorized to perform: {}{on}{why}", name(&question.caller), question.action))
}

/// A caller as a refusal names it.
fn name(caller: &Caller<'_>) -> String {
    match caller {
        Caller::Root { account } => format!("arn:aws:iam::{account}:root"),
        Caller::User { arn, .. } | Caller::FederatedUser { arn, .. } | Caller::RoleSession { session: arn, .. } => {
            (*arn).to_owned()
        }
        Caller::Service(name) => (*name).to_owned(),
        Caller::Anonymous => "anonymous".to_owned(),
    }
}

fn kind(source: Source) -> &'static str {
    match source {
        Source::Identity => "identity-based policy",
        Source::Boundary => "permissions boundary",
        Source::Session => "session policy",
        Source::Resource => "resource-based policy",
        Source::Trust => "role trust policy",
    }
}

fn with_article(source: Source) -> String {
    match source {
        Source::Identity => format!("an {}", kind(source)),
        Source::Trust => format!("the {}", kind(source)),
        _ => format!("a {}", kind(source)),
    }
}
