//! Schedules, as proptest makes and shrinks them.

use proptest::prelude::*;

/// One step. A number picks one of what there is, whatever there is.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// The pipeline succeeds with something new.
    Push {
        /// True if CloudFormation brings it to its end.
        good: bool,
        /// True if the build is the one before it again.
        rebuild: bool,
        /// True if CodePipeline's lists show it only at the second look.
        lags: bool,
    },
    /// An event arrives; another attempt begins.
    Deliver(u8),
    /// An event arrives, and will arrive again.
    Duplicate(u8),
    /// An event is lost for ever.
    Lose(u8),
    /// The schedule's event.
    Tick,
    /// An attempt goes on to its next call.
    Poll(u8),
    /// An attempt goes on to its end.
    Run(u8),
    /// An attempt's process dies.
    Crash(u8),
    /// The next call is refused, or its answer is lost.
    Fault { lost: bool },
    /// The stack's operation ends.
    End,
    /// A person begins to change the stack.
    ByHand { with_token: bool },
    /// Time passes.
    Pass(u16),
}

pub(super) fn schedules() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..70)
}

fn step() -> impl Strategy<Value = Step> {
    let push = (prop::bool::weighted(0.7), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    prop_oneof![
        4 => push.prop_map(|(good, rebuild, lags)| Step::Push { good, rebuild, lags }),
        6 => any::<u8>().prop_map(Step::Deliver),
        2 => any::<u8>().prop_map(Step::Duplicate),
        1 => any::<u8>().prop_map(Step::Lose),
        1 => Just(Step::Tick),
        20 => any::<u8>().prop_map(Step::Poll),
        6 => any::<u8>().prop_map(Step::Run),
        1 => any::<u8>().prop_map(Step::Crash),
        1 => any::<bool>().prop_map(|lost| Step::Fault { lost }),
        4 => Just(Step::End),
        1 => any::<bool>().prop_map(|with_token| Step::ByHand { with_token }),
        3 => (1_u16..600).prop_map(Step::Pass),
    ]
}
