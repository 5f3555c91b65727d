//! Sources that are polled: a new tip of a branch starts the pipeline, as CodePipeline does once a minute for sources
//! that do not say `PollForSourceChanges: false`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::core::{Driver, Hub, Timestamp};

use super::declaration::{Action, Provider};
use super::engine::Pipelines;
use super::engine::admission::Start;
use super::execution::{Actor, Execution, Trigger};
use super::work::actor;

/// The time between two looks at a branch, in plane time.
const INTERVAL: Duration = Duration::from_secs(60);

/// A branch that a pipeline watches.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Watched {
    pipeline: String,
    /// The roles in which it looks.
    actor: Actor,
    repository: String,
    branch: String,
    /// The revision that the newest execution runs; none while it is looking for it, or found none.
    running: Option<String>,
    /// True if the newest execution has yet to look.
    looking: bool,
}

/// Polls until the plane ends.
pub fn start(hub: &Arc<Hub>, driver: &Driver<Pipelines>) {
    let (hub, driver) = (Arc::clone(hub), driver.clone());
    tokio::spawn(async move {
        let mut started = BTreeMap::new();
        loop {
            hub.clock.sleep(INTERVAL).await;
            for watched in driver.read(watched) {
                poll(&hub, &driver, &watched, &mut started).await;
            }
        }
    });
}

/// Starts the pipeline when the branch has a tip that neither runs nor was started before.
async fn poll(hub: &Hub, driver: &Driver<Pipelines>, watched: &Watched, started: &mut BTreeMap<String, String>) {
    let input = json!({ "repositoryName": watched.repository, "branchName": watched.branch });
    // A repository or branch that is not there yet is what polling waits for.
    let Ok(caller) = actor(hub, &watched.actor).await else { return };
    let Ok(found) = hub.call_as(&caller, "codecommit", "GetBranch", input).await else { return };
    let tip = found["branch"]["commitId"].as_str().unwrap_or_default();
    let is_known =
        watched.running.as_deref() == Some(tip) || started.get(&watched.pipeline).is_some_and(|last| last == tip);
    if watched.looking || is_known {
        return;
    }
    started.insert(watched.pipeline.clone(), tip.to_owned());
    let trigger = Trigger { kind: "PollForSourceChanges".to_owned(), detail: watched.branch.clone() };
    let start = Start::of(&watched.pipeline, trigger);
    let answer = driver.apply(|engine, now: Timestamp| {
        let answer = engine.start(start, now);
        (answer, engine.take_effects())
    });
    if let Err(error) = answer {
        tracing::warn!(%error, pipeline = watched.pipeline, "a change of the source did not start the pipeline");
    }
}

fn watched(engine: &Pipelines) -> Vec<Watched> {
    let sources = engine.pipelines().flat_map(|pipeline| {
        let sources = pipeline.declaration.stages.first().map_or(&[][..], |stage| &stage.actions);
        sources.iter().filter(|action| is_polled(action)).map(move |action| (&pipeline.declaration, action))
    });
    sources
        .map(|(declaration, action)| {
            let newest = engine.executions(&declaration.name).next_back();
            let setting = |member: &str| action.configuration.get(member).cloned().unwrap_or_default();
            Watched {
                pipeline: declaration.name.clone(),
                actor: Actor { pipeline: declaration.role.clone(), action: action.role.clone() },
                repository: setting("RepositoryName"),
                branch: setting("BranchName"),
                running: newest.and_then(|execution| revision(execution, &action.name)),
                looking: newest.is_some_and(|e| !e.status.is_over() && revision(e, &action.name).is_none()),
            }
        })
        .collect()
}

fn revision(execution: &Execution, action: &str) -> Option<String> {
    execution.revisions.iter().find(|revision| revision.action == action).map(|revision| revision.id.clone())
}

fn is_polled(action: &Action) -> bool {
    let polls = action.configuration.get("PollForSourceChanges");
    action.provider == Provider::CodeCommit && polls.is_none_or(|polls| !polls.eq_ignore_ascii_case("false"))
}
