//! One push and what became of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::chain::{Chain, Deployment};
use super::load::{Load, Sample};
use super::tally::{self, Step};
use super::watch::{Moment, Watch};
use crate::failure::Failure;
use crate::repository::{Commit, Repository};

/// The longest time from a push until its release is closed, in real time: a cold build, and the canary at any scale.
const PATIENCE: Duration = Duration::from_secs(45 * 60);
/// The pause between two looks for the end.
const LOOK: Duration = Duration::from_millis(200);

/// The outcome that is expected of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// All users on the new version.
    Promoted,
    /// Stopped by the pre-traffic hook: no user request may reach the new version.
    StoppedBeforeTraffic,
    /// Rolled back while some users were on it.
    RolledBackInCanary,
    /// The same, by the watch that compares both versions, while no alarm fires.
    StoppedByTheWatch,
}

/// The outcome of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All users on the new version.
    Promoted,
    /// Stopped before any traffic went to the new version.
    StoppedBeforeTraffic,
    /// Rolled back after some traffic went to it.
    RolledBackInCanary,
    /// The pipeline failed: nothing was released.
    PipelineFailed,
    /// The release did not change the stack.
    Unchanged,
    /// The release failed in some other way.
    Failed,
}

/// The verdict of a gate on the act's deployment.
#[derive(Clone, Debug, Serialize)]
pub struct HookVerdict {
    /// The lifecycle event at which the gate stands.
    pub event: String,
    /// The record of the gate, as JSON.
    pub verdict: Value,
}

/// A push, from commit to closed release.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// The title, which says what it shows.
    pub title: String,
    /// The commit's id.
    pub commit: String,
    /// The first line of its message.
    pub subject: String,
    /// The outcome that was expected; none for a repository that is not known.
    pub expected: Option<Expectation>,
    /// The outcome that it had.
    pub outcome: Outcome,
    /// The reason in the release's record; empty if there is none.
    pub reason: String,
    /// The conditions that do not hold and should: empty when all is well.
    pub faults: Vec<String>,
    /// Every change, in order.
    pub timeline: Vec<Moment>,
    /// The verdicts that the gates recorded.
    pub verdicts: Vec<HookVerdict>,
    /// Requests by version against the weight.
    pub steps: Vec<Step>,
    /// Requests that users sent meanwhile.
    pub requests: u64,
    /// Answers that a user would call an error, and requests lost.
    pub errors: u64,
    /// The errors by request and status, such as `read 500`.
    pub errors_by_request: BTreeMap<String, u64>,
    /// Requests without any answer.
    pub lost: u64,
    /// Requests that the new version answered.
    pub on_target: u64,
    /// The release's record, as it was closed.
    pub release_record: Option<Value>,
    /// Real seconds from push to closed release.
    pub seconds: f64,
}

/// The stage on which acts are played.
#[derive(Debug)]
pub struct Stage<'a> {
    /// The chain under rehearsal.
    pub chain: &'a Chain,
    /// The repository that is pushed from.
    pub repository: &'a Repository,
    /// The URL that it is pushed to.
    pub remote: &'a str,
    /// The watch that notes every change of the chain.
    pub watch: &'a Watch,
    /// The users; none when the application has no public URL.
    pub load: Option<&'a Load>,
}

impl Stage<'_> {
    /// Pushes a commit and waits until its release is closed.
    ///
    /// # Errors
    /// Fails if the chain cannot be read, or the release is not closed in time.
    pub async fn play(&self, title: &str, commit: &Commit, expected: Option<Expectation>) -> Result<Act, Failure> {
        let (started, mark) = (Instant::now(), self.watch.mark());
        let known: Vec<String> = self.deployments().await?.into_iter().map(|deployment| deployment.id).collect();
        self.watch.say(&format!("push {} \"{}\"", short(&commit.id), commit.subject), self.chain.hub().now());
        self.repository.push(self.remote, &commit.id).await?;
        let (outcome, reason, release_record) = self.settle(commit, started, &known).await?;
        // Two more looks: the requests that were under way have been answered, and the weights seen.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut fresh = self.deployments().await?;
        fresh.retain(|deployment| !known.contains(&deployment.id));
        let deployment = fresh.iter().find(|deployment| !deployment.creator.contains("Rollback"));
        let samples: Vec<Sample> = self.load.map(Load::samples).unwrap_or_default();
        let samples: Vec<Sample> = samples.into_iter().filter(|sample| sample.sent >= started).collect();
        let target = deployment.map(|deployment| deployment.target_version.clone());
        let count = |holds: &dyn Fn(&&Sample) -> bool| samples.iter().filter(|sample| holds(sample)).count() as u64;
        let mut act = Act {
            title: title.to_owned(),
            commit: commit.id.clone(),
            subject: commit.subject.clone(),
            expected,
            outcome,
            reason,
            faults: Vec::new(),
            timeline: self.watch.since(mark),
            verdicts: self.verdicts(deployment).await?,
            steps: tally::steps(&self.watch.weights_since(started), &samples),
            requests: samples.len() as u64,
            errors: count(&|sample| sample.is_error()),
            errors_by_request: by_request(&samples),
            lost: count(&|sample| sample.status.is_none()),
            on_target: count(&|sample| target.is_some() && sample.version == target),
            release_record,
            seconds: started.elapsed().as_secs_f64(),
        };
        act.faults = self.faults(&act, target.as_deref()).await?;
        Ok(act)
    }

    async fn deployments(&self) -> Result<Vec<Deployment>, Failure> {
        self.chain.deployments().await.map_err(unreadable)
    }

    async fn verdicts(&self, deployment: Option<&Deployment>) -> Result<Vec<HookVerdict>, Failure> {
        let Some(deployment) = deployment else { return Ok(Vec::new()) };
        let verdicts = self.chain.verdicts(&deployment.id).await.map_err(unreadable)?;
        Ok(verdicts.into_iter().map(|(event, verdict)| HookVerdict { event, verdict }).collect())
    }

    /// Waits until the commit's pipeline execution and its release are over.
    async fn settle(
        &self,
        commit: &Commit,
        started: Instant,
        known: &[String],
    ) -> Result<(Outcome, String, Option<Value>), Failure> {
        loop {
            if started.elapsed() > PATIENCE {
                return Err(Failure::SaidNo(format!(
                    "the release of {} is not over after 45 minutes",
                    short(&commit.id)
                )));
            }
            tokio::time::sleep(LOOK).await;
            let Some(execution) = self.chain.execution_of(&commit.id).await.map_err(unreadable)? else { continue };
            match execution.status.as_str() {
                "Failed" | "Stopped" | "Cancelled" => {
                    let reason = self.chain.pipeline_failure(&execution.id).await.map_err(unreadable)?;
                    return Ok((Outcome::PipelineFailed, reason, None));
                }
                "Succeeded" => {}
                _ => continue,
            }
            let Some(record) = self.chain.release(&execution.id).await.map_err(unreadable)? else { continue };
            let reason = record["reason"].as_str().unwrap_or_default().to_owned();
            match record["state"].as_str() {
                Some("succeeded") => return Ok((Outcome::Promoted, reason, Some(record))),
                Some("unchanged" | "superseded") => return Ok((Outcome::Unchanged, reason, Some(record))),
                Some("failed") => return Ok((self.how_it_failed(known).await?, reason, Some(record))),
                _ => {}
            }
        }
    }

    /// The outcome of a failed release: it depends on whether users met the version.
    async fn how_it_failed(&self, known: &[String]) -> Result<Outcome, Failure> {
        let fresh = self.deployments().await?;
        let deployment = fresh.iter().find(|d| !known.contains(&d.id) && !d.creator.contains("Rollback"));
        let Some(deployment) = deployment else { return Ok(Outcome::Failed) };
        let shifted = deployment
            .events
            .iter()
            .any(|(name, status)| name == "AllowTraffic" && !matches!(status.as_str(), "Pending" | "Skipped" | ""));
        Ok(if shifted { Outcome::RolledBackInCanary } else { Outcome::StoppedBeforeTraffic })
    }

    /// The conditions that should hold after the act and do not.
    async fn faults(&self, act: &Act, target: Option<&str>) -> Result<Vec<String>, Failure> {
        let mut faults = Vec::new();
        let mut fault = |holds: bool, text: String| {
            if !holds {
                faults.push(text);
            }
        };
        if let Some(expected) = act.expected {
            let agrees = matches!(
                (expected, act.outcome),
                (Expectation::Promoted, Outcome::Promoted)
                    | (Expectation::StoppedBeforeTraffic, Outcome::StoppedBeforeTraffic)
                    | (Expectation::RolledBackInCanary | Expectation::StoppedByTheWatch, Outcome::RolledBackInCanary)
            );
            fault(agrees, format!("expected {expected:?}, came to {:?}", act.outcome));
            if expected == Expectation::StoppedByTheWatch {
                let stopped =
                    act.verdicts.iter().any(|its| its.event == "AllowTraffic" && its.verdict["verdict"] == "failed");
                fault(stopped, "the watch did not find it worse".to_owned());
                fault(act.reason.contains("probability"), "the release's reason names no probability".to_owned());
                let alarm = act.timeline.iter().find(|moment| moment.what.starts_with("alarm "));
                fault(alarm.is_none(), format!("{} fired", alarm.map_or("", |moment| &moment.what)));
            }
        }
        fault(act.lost == 0, format!("{} requests were lost", act.lost));
        for step in act.steps.iter().filter(|step| !step.within_sampling_error) {
            let asked = step.current_requests + step.target_requests;
            fault(
                false,
                format!(
                    "at weight {:.2} the target version got {} of {asked} requests, and {} went elsewhere",
                    step.weight, step.target_requests, step.stray_requests
                ),
            );
        }
        if act.outcome == Outcome::StoppedBeforeTraffic {
            fault(act.on_target == 0, format!("{} user requests reached the bad version", act.on_target));
        }
        if matches!(act.outcome, Outcome::Promoted | Outcome::StoppedBeforeTraffic) {
            fault(act.errors == 0, format!("users saw {} errors", act.errors));
        }
        if let (Some(target), Some(alias)) = (target, self.chain.alias().await.map_err(unreadable)?) {
            fault(alias.additional.is_none(), "the alias is left with weights".to_owned());
            let on_target = alias.version == target;
            fault(
                on_target == (act.outcome == Outcome::Promoted),
                format!("the alias is on version {} after {:?}", alias.version, act.outcome),
            );
        }
        Ok(faults)
    }
}

/// The number of errors of each kind.
fn by_request(samples: &[Sample]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.is_error()) {
        *counts.entry(sample.fault()).or_default() += 1;
    }
    counts
}

fn unreadable(error: slipway_local::core::ServiceError) -> Failure {
    Failure::environment("the plane's state cannot be read", error)
}

/// A commit id as people write it.
pub fn short(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}
