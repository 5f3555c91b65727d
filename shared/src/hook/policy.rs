//! From four outcomes to CodeDeploy's two, by stage. Fail closed: what is not named here as acceptable fails the deployment.

use super::verdict::Verdict;
use crate::identity::{Stage, UsualStage};

/// The only two statuses that CodeDeploy accepts
/// (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_PutLifecycleEventHookExecutionStatus.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStatus {
    /// The deployment goes on.
    Succeeded,
    /// The deployment fails and is rolled back.
    Failed,
}

impl HookStatus {
    /// The status' name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// The action of an entry of the ledger that follows from it.
    pub(super) fn reported(self) -> String {
        format!("reported {}", self.as_str())
    }
}

/// The verdicts that a stage accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Only a passed verdict.
    PassedOnly,
    /// Also an inconclusive one: there may be nothing to learn yet.
    PassedOrInconclusive,
    /// Any: the deployment puts back what was there before, and a hook that stopped it would keep the bad version.
    Rollback,
}

impl Policy {
    /// `dev` goes on when nothing could be learned, since a new application has no public checks yet. No other stage does.
    #[must_use]
    pub fn of(stage: &Stage) -> Self {
        match stage.usual() {
            UsualStage::Dev => Self::PassedOrInconclusive,
            UsualStage::Qa | UsualStage::Staging | UsualStage::Production => Self::PassedOnly,
        }
    }

    /// The status to report.
    #[must_use]
    pub const fn status(self, verdict: &Verdict) -> HookStatus {
        match (self, verdict) {
            (Self::Rollback, _) | (_, Verdict::Passed) | (Self::PassedOrInconclusive, Verdict::Inconclusive(_)) => {
                HookStatus::Succeeded
            }
            (Self::PassedOnly | Self::PassedOrInconclusive, Verdict::Failed(_) | Verdict::Errored(_))
            | (Self::PassedOnly, Verdict::Inconclusive(_)) => HookStatus::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::verdict::Reason;

    #[test]
    fn every_stage_and_outcome() {
        let failed = Verdict::Failed(Reason::new("bad").into());
        let inconclusive = Verdict::inconclusive("nothing");
        let errored = Verdict::errored("broken");
        for stage in ["dev", "qa", "staging", "production", "somewhere"] {
            let policy = Policy::of(&stage.parse().unwrap());
            assert_eq!(policy.status(&Verdict::Passed), HookStatus::Succeeded, "{stage}");
            assert_eq!(policy.status(&failed), HookStatus::Failed, "{stage}");
            assert_eq!(policy.status(&errored), HookStatus::Failed, "{stage}");
            let expected = if stage == "dev" { HookStatus::Succeeded } else { HookStatus::Failed };
            assert_eq!(policy.status(&inconclusive), expected, "{stage}");
        }
    }

    #[test]
    fn nothing_stops_a_rollback() {
        for verdict in [Verdict::Passed, Verdict::inconclusive("nothing"), Verdict::errored("broken")] {
            assert_eq!(Policy::Rollback.status(&verdict), HookStatus::Succeeded);
        }
    }
}
