//! `slipway explain`: what was judged of a deployment, by which gate, with the numbers and both versions over time; and what a hook
//! said last that failed or never answered.
//!
//! It reads what AWS and the ledger hold, with the operator's own credentials, and changes nothing.

mod facts;
mod logs;
mod plot;
mod svg;
mod text;

use slipway_shared::aws::AwsSettings;
use slipway_shared::identity::DeploymentId;
use slipway_shared::ledger::Entry;
use slipway_shared::release::ReleaseRecord;

use crate::cli::ExplainOptions;
use crate::console;
use crate::failure::Failure;
use crate::operator;
use crate::releases::{self, Release};

/// Everything that is told of a deployment.
#[derive(Debug, Clone, Default)]
struct Explanation {
    /// The release that was asked for, if it was one.
    release: Option<ReleaseRecord>,
    /// The deployment, as CodeDeploy tells it.
    deployment: Option<facts::Facts>,
    /// The gates' verdicts.
    entries: Vec<Entry>,
    /// The last lines of hooks that failed or never answered.
    logs: Vec<logs::Tail>,
    /// What could not be found out.
    missing: Vec<String>,
}

/// Explains a deployment or a release.
///
/// # Errors
/// Fails if there is no such thing, or AWS cannot be asked.
pub async fn run(options: &ExplainOptions) -> Result<(), Failure> {
    let aws = operator::settings(options.endpoint.as_deref())?;
    let explanation = Box::pin(explain(&aws, &options.subject)).await?;
    if let Some(file) = &options.svg {
        std::fs::write(file, svg::of(&explanation.entries))
            .map_err(|error| Failure::environment(file.display(), error))?;
    }
    console::result(text::of(&explanation).trim_end());
    Ok(())
}

async fn explain(aws: &AwsSettings, subject: &str) -> Result<Explanation, Failure> {
    let mut explanation = Explanation::default();
    let id = match subject.parse::<DeploymentId>() {
        Ok(id) => Some(id),
        Err(_) => match releases::find(aws, subject).await? {
            Some(Release { record, .. }) => {
                let id = record.deployment_id.as_deref().and_then(|id| id.parse().ok());
                explanation.release = Some(record);
                id
            }
            None => return of_service(aws, subject).await,
        },
    };
    let Some(id) = id else { return Ok(explanation) };
    let facts = facts::read(aws, &id).await?;
    match facts::entries(aws, id.as_str()).await {
        Ok(entries) => explanation.entries = entries,
        Err(error) => explanation.missing.push(format!("the ledger could not be read ({error})")),
    }
    for hook in facts.unanswered() {
        match logs::tail(aws, &hook).await {
            Ok(tail) => explanation.logs.push(tail),
            Err(error) => explanation.missing.push(format!("the log of {} could not be read ({error})", hook.function)),
        }
    }
    explanation.deployment = Some(facts);
    Ok(explanation)
}

/// A deployment that ECS does itself: CodeDeploy knows nothing of it, the ledger does.
async fn of_service(aws: &AwsSettings, id: &str) -> Result<Explanation, Failure> {
    let entries = facts::entries(aws, id).await;
    let entries = entries.map_err(|error| Failure::environment("the ledger cannot be read", error))?;
    match entries.is_empty() {
        true => Err(Failure::SaidNo(format!("there is no deployment and no release {id}"))),
        false => Ok(Explanation { entries, ..Explanation::default() }),
    }
}
