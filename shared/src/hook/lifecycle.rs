//! The moments at which a deployment is judged, in AWS's own words.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// The lifecycle events of CodeDeploy at which a gate stands, and the stages of an ECS service deployment at which one does, in
        /// the order in which they come. All but [`Self::AllowTraffic`] call a Lambda function.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LifecycleEvent {
            $($(#[$doc])* $name),*
        }

        impl LifecycleEvent {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// CodeDeploy's word, or that of ECS.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),*
                }
            }
        }
    };
}

events! {
    /// CodeDeploy on ECS: before the replacement task set is made.
    BeforeInstall = "BeforeInstall",
    /// CodeDeploy on ECS: the replacement task set runs.
    AfterInstall = "AfterInstall",
    /// CodeDeploy on ECS: the test listener serves the replacement task set.
    AfterAllowTestTraffic = "AfterAllowTestTraffic",
    /// Before any user reaches the target version.
    BeforeAllowTraffic = "BeforeAllowTraffic",
    /// While traffic shifts. It calls nobody: `canary-watch` looks by itself.
    AllowTraffic = "AllowTraffic",
    /// After all users reach it.
    AfterAllowTraffic = "AfterAllowTraffic",
    /// ECS: the service has more than one active revision.
    ReconcileService = "RECONCILE_SERVICE",
    /// ECS: the new revision has not started.
    PreScaleUp = "PRE_SCALE_UP",
    /// ECS: the new revision runs.
    PostScaleUp = "POST_SCALE_UP",
    /// ECS: test traffic is shifting, forwards or back.
    TestTrafficShift = "TEST_TRAFFIC_SHIFT",
    /// ECS: the new revision has all test traffic.
    PostTestTrafficShift = "POST_TEST_TRAFFIC_SHIFT",
    /// ECS: before each step of the production traffic.
    PreProductionTrafficShift = "PRE_PRODUCTION_TRAFFIC_SHIFT",
    /// ECS: production traffic is shifting, forwards or back.
    ProductionTrafficShift = "PRODUCTION_TRAFFIC_SHIFT",
    /// ECS: the new revision has all production traffic.
    PostProductionTrafficShift = "POST_PRODUCTION_TRAFFIC_SHIFT",
}

impl LifecycleEvent {
    /// `None` for events without a Lambda hook.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::named(name).filter(|event| *event != Self::AllowTraffic)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == name)
    }
}

impl Serialize for LifecycleEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for LifecycleEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format!("no gate stands at {name:?}")))
    }
}

impl fmt::Display for LifecycleEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The progress of a lifecycle event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not begun, or unknown.
    Pending,
    /// Begun: its hook is called.
    InProgress,
    /// `Succeeded`, `Failed` or `Skipped`.
    Finished,
}
