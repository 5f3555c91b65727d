//! The machine of one attempt: the world's systems, and a clock of its own.

use std::sync::Arc;
use std::time::Duration;

use deploy_trigger::Ports;
use jiff::{SignedDuration, Timestamp};
use slipway_shared::clock::Clock;
use slipway_shared::fakes::ManualClock;

use crate::world::World;

pub(super) struct Machine {
    pub(super) world: Arc<World>,
    pub(super) clock: Skewed,
}

/// A clock that is some seconds ahead or behind.
pub(super) struct Skewed {
    pub(super) clock: ManualClock,
    pub(super) ahead: SignedDuration,
}

impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        self.clock.now().saturating_add(self.ahead).unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }
}

impl Ports for Machine {
    type Parameters = <World as Ports>::Parameters;
    type Stacks = <World as Ports>::Stacks;
    type Objects = <World as Ports>::Objects;
    type Pipelines = <World as Ports>::Pipelines;
    type Releases = <World as Ports>::Releases;
    type Deployments = <World as Ports>::Deployments;
    type Ledger = <World as Ports>::Ledger;
    type Notifications = <World as Ports>::Notifications;
    type Clock = Skewed;

    fn parameters(&self) -> &Self::Parameters {
        self.world.parameters()
    }

    fn stacks(&self) -> &Self::Stacks {
        self.world.stacks()
    }

    fn objects(&self) -> &Self::Objects {
        self.world.objects()
    }

    fn pipelines(&self) -> &Self::Pipelines {
        self.world.pipelines()
    }

    fn releases(&self) -> &Self::Releases {
        self.world.releases()
    }

    fn deployments(&self) -> &Self::Deployments {
        self.world.deployments()
    }

    fn ledger(&self) -> Option<&Self::Ledger> {
        self.world.ledger()
    }

    fn notifications(&self) -> &Self::Notifications {
        self.world.notifications()
    }

    fn clock(&self) -> &Skewed {
        &self.clock
    }
}
