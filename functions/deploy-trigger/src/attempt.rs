//! One invocation at work.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::clock::Clock;
use slipway_shared::release::StageKey;

use crate::deadline::Deadline;
use crate::ports::Ports;
use crate::settings::Settings;

/// Clocks of two machines differ by less.
const SKEW: Duration = Duration::from_secs(30);

/// One invocation: the systems it talks to, the stage it works for, its name and its end.
#[derive(Debug)]
pub struct Attempt<'a, P> {
    /// The systems.
    pub(crate) ports: &'a P,
    /// The stage and the means of its releases.
    pub(crate) settings: &'a Settings,
    /// A name that no other attempt has.
    pub(crate) holder: String,
    /// The moment by which it must have answered.
    pub(crate) deadline: Deadline,
}

impl<'a, P: Ports> Attempt<'a, P> {
    /// An attempt. `holder` is a name that no other attempt has, ever: two that share one would work at once.
    pub fn new(ports: &'a P, settings: &'a Settings, holder: impl Into<String>, deadline: Deadline) -> Self {
        Self { ports, settings, holder: holder.into(), deadline }
    }

    /// The stage that it works for.
    pub(crate) fn key(&self) -> StageKey {
        StageKey::new(&self.settings.application, &self.settings.stage)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock().now()
    }

    /// The time after which this attempt is certainly over.
    pub(crate) fn gone_by(&self) -> Timestamp {
        self.deadline.moment().saturating_add(SKEW).unwrap_or(Timestamp::MAX)
    }
}
