//! From a judgement to a decision. Pure.

use slipway_shared::judge::Outcome;
use slipway_shared::manifest::Inconclusive;

/// The course of the deployment from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It goes on, and is judged again.
    GoOn,
    /// It goes on, and this was the last look.
    Pass,
    /// It is stopped and rolled back.
    Stop,
    /// It goes on, and people are told that it is worse.
    Tell,
}

/// Decides. A failed release is stopped at any look; what has shown too little is dealt with at the last one, by policy. A score below
/// what is marginal, because metrics by themselves are worse, is let on by no policy.
pub(crate) const fn decide(
    outcome: Outcome,
    is_below_marginal: bool,
    is_last_look: bool,
    policy: Inconclusive,
) -> Decision {
    match (outcome, is_last_look, policy) {
        (Outcome::Failed, _, _) | (Outcome::Inconclusive, true, Inconclusive::Stop) => Decision::Stop,
        (Outcome::Inconclusive, true, Inconclusive::Pass) if is_below_marginal => Decision::Stop,
        (Outcome::Passed, true, _) | (Outcome::Inconclusive, true, Inconclusive::Pass) => Decision::Pass,
        (Outcome::Passed | Outcome::Inconclusive, false, _) => Decision::GoOn,
    }
}

/// Decides on a shift that is over, or that never shared any traffic. Nothing is stopped by policy then. What is worse after a shift all
/// at once than before it is told, and not stopped: the time between the two may be the cause.
pub(crate) const fn decide_afterwards(outcome: Outcome, was_shared: bool) -> Decision {
    match (outcome, was_shared) {
        (Outcome::Failed, true) => Decision::Stop,
        (Outcome::Failed, false) => Decision::Tell,
        (Outcome::Passed | Outcome::Inconclusive, _) => Decision::Pass,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_matrix;

    use super::*;

    #[test_matrix(
        [Outcome::Passed, Outcome::Failed, Outcome::Inconclusive], [false, true], [false, true],
        [Inconclusive::Stop, Inconclusive::Pass]
    )]
    fn only_a_failed_or_a_last_look_stops(outcome: Outcome, is_below: bool, is_last: bool, policy: Inconclusive) {
        let is_let_on = policy == Inconclusive::Pass && !is_below;
        let stops = outcome == Outcome::Failed || (is_last && outcome == Outcome::Inconclusive && !is_let_on);
        let decision = decide(outcome, is_below, is_last, policy);
        assert_eq!(decision == Decision::Stop, stops);
        assert!(stops || (decision == Decision::Pass) == is_last);
    }
}
