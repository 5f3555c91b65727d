//! One check: its values, its time, and the attempts that it asks for.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::super::ports::HookPorts;
use super::super::sequence::Sequence;
use super::super::verdict::{Finding, Reason};
use super::{Run, alarms, drift, http, invoke, latency, logs};
use crate::suite::{Check, Probe, TimeLimit};

/// Before a second attempt; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// A pause is never longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// An answer through the public URL may take so long unless the check says otherwise. API Gateway's own limit for an integration is
/// 30 s; a page that needs a third of it is not healthy.
const PUBLIC_ANSWER: Duration = Duration::from_secs(10);

/// The finding of an attempt, and the answer that it judged.
pub(super) struct Found {
    pub(super) finding: Finding,
    pub(super) answer: Option<Value>,
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self { finding, answer: None }
    }
}

impl<P: HookPorts> Run<P> {
    /// Attempts a check until it passes, as often as it allows.
    pub(super) async fn one(&self, sequence: &mut Sequence, check: &Check) -> Finding {
        let probe = match sequence.prepare(check) {
            Ok(probe) => probe,
            Err(skipped) => return skipped,
        };
        let until = if check.always { self.allotment.cleanup } else { self.allotment.checks };
        let mut pause = FIRST_PAUSE;
        let mut left = check.retries;
        loop {
            let Found { finding, answer } = self.attempt(check, &probe, until).await;
            let finding = match answer {
                Some(answer) => sequence.capture(check, &answer, finding),
                None => finding,
            };
            let next = Instant::now() + pause;
            if finding == Finding::Passed || left == 0 || next >= until {
                return finding;
            }
            left -= 1;
            pause = (pause * 2).min(LONGEST_PAUSE);
            sleep_until(next).await;
        }
    }

    async fn attempt(&self, check: &Check, probe: &Probe, until: Instant) -> Found {
        let now = Instant::now();
        let name = &check.name;
        if now >= until {
            return Finding::Unfinished(Reason::new(format!("check {name:?}: not run, because no time was left")))
                .into();
        }
        let own = own_limit(check, probe).filter(|limit| now + *limit < until);
        match timeout_at(own.map_or(until, |limit| now + limit), self.probe(check, probe)).await {
            Ok(found) => found,
            Err(_) => match own {
                // Too slow for what the check allows: that is a finding about the version.
                Some(limit) => {
                    let limit =
                        TimeLimit::from_seconds(limit.as_secs_f64()).map_or(String::new(), |limit| limit.to_string());
                    Finding::Failed(Reason::new(format!("check {name:?}: no whole answer within {limit}")).into())
                }
                None => {
                    Finding::Unfinished(Reason::new(format!("check {name:?}: no whole answer before the hook's end")))
                }
            }
            .into(),
        }
    }

    async fn probe(&self, check: &Check, probe: &Probe) -> Found {
        match probe {
            Probe::Invoke(probe) => invoke::run(self, check, probe).await,
            Probe::Http(probe) => http::run(self, check, probe).await,
            Probe::Latency(probe) => latency::run(self, check, probe).await.into(),
            Probe::Logs(probe) => logs::run(self, check, probe).await.into(),
            Probe::Drift(probe) => drift::run(self, check, probe).await.into(),
            Probe::Alarms(probe) => alarms::run(self, check, probe).await.into(),
        }
    }
}

fn own_limit(check: &Check, probe: &Probe) -> Option<Duration> {
    let usual = matches!(probe, Probe::Http(_)).then_some(PUBLIC_ANSWER);
    check.timeout.map(TimeLimit::duration).or(usual)
}
