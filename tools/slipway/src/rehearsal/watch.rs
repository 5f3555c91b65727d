//! Watching a commit: a look at the chain many times a second, and a line for each thing that changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use slipway_local::core::{ServiceError, Timestamp};
use tokio::task::JoinHandle;

use super::chain::{Alias, Chain};
use super::tally::Weight;
use crate::console;

/// The pause between two looks at the chain, in real time.
const LOOK: Duration = Duration::from_millis(100);

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Moment {
    /// The plane's time, ISO 8601.
    pub at: String,
    /// Real seconds since the rehearsal began.
    pub real_seconds: f64,
    /// The change in words, readable alone.
    pub what: String,
}

/// The moments, weights and facts that have been seen so far.
#[derive(Debug, Default)]
struct Seen {
    moments: Vec<Moment>,
    weights: Vec<Weight>,
    facts: BTreeMap<String, String>,
}

/// A running watch. It stops when it is dropped.
#[derive(Debug)]
pub struct Watch {
    seen: Arc<Mutex<Seen>>,
    started: Instant,
    looker: JoinHandle<()>,
}

impl Watch {
    /// Starts watching. Each change is also written to stderr when nobody watches a live view.
    pub fn start(chain: Chain, started: Instant) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let kept = Arc::clone(&seen);
        let looker = tokio::spawn(async move {
            loop {
                // A state that cannot be read now (of a stack that is not there yet) is read at the next look.
                match facts(&chain).await {
                    Ok(facts) => note(&kept, facts, chain.hub().now(), started),
                    Err(error) => tracing::debug!(%error, "a look at the chain failed"),
                }
                let before = Instant::now();
                if let Ok(Some(alias)) = chain.alias().await {
                    weigh(&kept, alias, before);
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Self { seen, started, looker }
    }

    /// Adds a moment of the rehearsal's own.
    pub fn say(&self, what: &str, at: Timestamp) {
        push(&mut lock(&self.seen), what.to_owned(), at, self.started);
    }

    /// The number of moments so far: a place to read from.
    pub fn mark(&self) -> usize {
        lock(&self.seen).moments.len()
    }

    /// The moments since a mark.
    pub fn since(&self, mark: usize) -> Vec<Moment> {
        lock(&self.seen).moments.iter().skip(mark).cloned().collect()
    }

    /// The weights that held since `from`, the first one cut to begin there.
    pub fn weights_since(&self, from: Instant) -> Vec<Weight> {
        let seen = lock(&self.seen);
        let first = seen.weights.iter().rposition(|weight| weight.since <= from).unwrap_or(0);
        let mut weights = seen.weights[first.min(seen.weights.len())..].to_vec();
        if let Some(weight) = weights.first_mut() {
            weight.since = weight.since.max(from);
        }
        weights
    }

    /// The weight that holds now.
    pub fn weight(&self) -> Option<Weight> {
        lock(&self.seen).weights.last().cloned()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looker.abort();
    }
}

/// Statuses by what they are of.
async fn facts(chain: &Chain) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut facts = BTreeMap::new();
    for (stage, status) in chain.stages().await? {
        facts.insert(format!("pipeline {stage}"), status);
    }
    let stack = chain.names().stack.clone();
    if let Some(found) = chain.stack(&stack).await? {
        facts.insert(format!("stack {stack}"), found.status);
        // The newest alone: what is over does not change.
        for deployment in chain.deployments().await?.into_iter().take(2) {
            let kind = if deployment.creator.contains("Rollback") { "rollback" } else { "deployment" };
            let name = format!("{kind} {}", deployment.id);
            for (event, status) in deployment.events {
                facts.insert(format!("{name} {event}"), status);
            }
            facts.insert(
                name,
                deployment.error.map_or(deployment.status.clone(), |error| format!("{} ({error})", deployment.status)),
            );
        }
    }
    for (alarm, reason) in chain.firing_alarms().await? {
        facts.insert(format!("alarm {alarm}"), format!("ALARM ({reason})"));
    }
    Ok(facts)
}

fn note(seen: &Mutex<Seen>, facts: BTreeMap<String, String>, at: Timestamp, started: Instant) {
    let mut seen = lock(seen);
    // A state that was so before anybody looked is no change.
    if seen.facts.is_empty() {
        seen.facts = facts;
        return;
    }
    let changed: Vec<String> = facts
        .iter()
        .filter(|(name, status)| !status.is_empty() && *status != "Pending" && seen.facts.get(*name) != Some(status))
        .map(|(name, status)| format!("{name}: {status}"))
        .collect();
    for what in changed {
        push(&mut seen, what, at, started);
    }
    seen.facts = facts;
}

fn push(seen: &mut Seen, what: String, at: Timestamp, started: Instant) {
    let moment = Moment { at: at.iso8601(), real_seconds: started.elapsed().as_secs_f64(), what };
    if !console::is_watched() {
        console::note(&format!("{:7.1}s  {}", moment.real_seconds, moment.what));
    }
    seen.moments.push(moment);
}

/// The change itself lies between the last look that saw the old weights and the first that saw the new ones.
fn weigh(seen: &Mutex<Seen>, alias: Alias, looked: Instant) {
    let mut seen = lock(seen);
    match seen.weights.last_mut() {
        Some(last) if last.current == alias.version && last.additional == alias.additional => last.until = looked,
        _ => {
            let now = Instant::now();
            seen.weights.push(Weight { since: now, until: now, current: alias.version, additional: alias.additional });
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
