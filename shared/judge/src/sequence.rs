//! The judge of one release, look by look.

use super::counts::{Counts, Pair};
use super::evidence::Evidence;
use super::interval::{Estimate, Interval};
use super::look::Look;
use super::policy::{Direction, Metric, Policy, PolicyError};

/// A metric's place in its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricIndex(usize);

/// Judges one release. It forgets each look but for running sums, and learns nothing more once the release is stopped.
#[derive(Clone, Debug)]
pub struct Judge {
    policy: Policy,
    metrics: Vec<State>,
    looks: u64,
    is_stopped: bool,
}

/// The knowledge of one metric: its counts, its evidence and its interval.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) group: usize,
    pub(super) place: usize,
    pub(super) share: f64,
    pub(super) target: Counts,
    pub(super) current: Counts,
    /// The requests of the looks in which both versions had some: only those were compared.
    pub(super) compared: [u64; 2],
    pub(super) is_unreadable: bool,
    /// The evidence that the target has more, if that is worse.
    more: Option<Evidence>,
    /// The evidence that it has less, if that is worse.
    less: Option<Evidence>,
    interval: Interval,
}

impl Judge {
    /// A judge that has seen nothing.
    ///
    /// # Errors
    /// Fails if nothing can be judged by the policy.
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        policy.validate()?;
        let shares = policy.shares();
        let places = policy
            .groups
            .iter()
            .enumerate()
            .flat_map(|(group, members)| members.metrics.iter().enumerate().map(move |(place, _)| (group, place)));
        let metrics = places
            .zip(shares)
            .map(|((group, place), share)| {
                State::new(group, place, share, policy.groups[group].metrics[place].direction, policy.level)
            })
            .collect();
        Ok(Self { policy, metrics, looks: 0, is_stopped: false })
    }

    /// The policy that it judges by.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The metric of that name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<MetricIndex> {
        self.metrics.iter().position(|state| self.metric_of(state).name == name).map(MetricIndex)
    }

    /// Looks: what has come of each metric since the last look. True if the release is to be stopped, now or already.
    pub fn look(&mut self, pairs: impl IntoIterator<Item = (MetricIndex, Pair)>) -> bool {
        if self.is_stopped {
            return true;
        }
        self.looks += 1;
        let mut read = Look::new();
        for (MetricIndex(index), pair) in pairs {
            if let Some(state) = self.metrics.get_mut(index) {
                let tolerance = self.policy.groups[state.group].metrics[state.place].tolerance;
                state.absorb(pair, tolerance, &mut read);
            }
        }
        // A process that reaches its bound exactly, as one that was raised does, must not miss it by a rounding.
        const ROUNDING: f64 = 1.0 - 1e-9;
        self.is_stopped = self.evidence() >= self.enough() * ROUNDING;
        self.is_stopped
    }

    /// Says that a metric could not be read: it is classed as an error unless it has stopped the release.
    pub fn could_not_read(&mut self, MetricIndex(index): MetricIndex) {
        if let Some(state) = self.metrics.get_mut(index) {
            state.is_unreadable = true;
        }
    }

    /// The evidence against the release: one at the beginning.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        self.metrics.iter().map(|state| state.share * state.counted()).sum()
    }

    /// The evidence that stops a release.
    #[must_use]
    pub fn enough(&self) -> f64 {
        self.policy.level.recip()
    }

    /// True if the release is to be stopped.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// The looks that were taken, up to the one that stopped the release.
    #[must_use]
    pub const fn looks(&self) -> u64 {
        self.looks
    }

    pub(super) fn states(&self) -> &[State] {
        &self.metrics
    }

    pub(super) fn metric_of(&self, state: &State) -> &Metric {
        &self.policy.groups[state.group].metrics[state.place]
    }
}

impl State {
    fn new(group: usize, place: usize, share: f64, direction: Direction, level: f64) -> Self {
        let (more, less, sides) = match direction {
            Direction::Increase => (true, false, 1.0),
            Direction::Decrease => (false, true, 1.0),
            Direction::Either => (true, true, 2.0),
        };
        let evidence = |side: bool| side.then(|| Evidence::new(sides / (share * level)));
        Self {
            group,
            place,
            share,
            target: Counts::default(),
            current: Counts::default(),
            compared: [0; 2],
            is_unreadable: false,
            more: evidence(more),
            less: evidence(less),
            interval: Interval::new(),
        }
    }

    fn absorb(&mut self, pair: Pair, tolerance: f64, look: &mut Look) {
        self.target = self.target.saturating_plus(pair.target);
        self.current = self.current.saturating_plus(pair.current);
        let requests = [pair.target.requests(), pair.current.requests()];
        if !requests.contains(&0) {
            for (compared, requests) in self.compared.iter_mut().zip(requests) {
                *compared = compared.saturating_add(requests);
            }
        }
        if look.read(pair, tolerance) {
            self.interval.absorb(pair, look);
            if let Some(more) = &mut self.more {
                more.absorb(look);
            }
        }
        if let Some(less) = &mut self.less
            && look.read(pair.swapped(), tolerance)
        {
            less.absorb(look);
        }
    }

    /// The evidence as far as it counts towards stopping the release.
    fn counted(&self) -> f64 {
        self.mean(Evidence::counted)
    }

    /// The evidence.
    pub(super) fn value(&self) -> f64 {
        self.mean(Evidence::value)
    }

    /// True if the target was ever shown to have more, as far as one metric by itself shows it.
    pub(super) fn was_more(&self, enough: f64) -> bool {
        self.was(self.more.as_ref(), enough)
    }

    /// True if the target was ever shown to have less.
    pub(super) fn was_less(&self, enough: f64) -> bool {
        self.was(self.less.as_ref(), enough)
    }

    /// The estimate, each end of its interval at `level`.
    pub(super) fn estimate(&self, tolerance: f64, level: f64) -> Estimate {
        self.interval.estimate(tolerance, level)
    }

    fn was(&self, side: Option<&Evidence>, enough: f64) -> bool {
        side.is_some_and(|evidence| evidence.most() >= self.sides() * enough)
    }

    fn sides(&self) -> f64 {
        f64::from(u8::from(self.more.is_some()) + u8::from(self.less.is_some()))
    }

    fn mean(&self, value: impl Fn(&Evidence) -> f64) -> f64 {
        self.more.iter().chain(&self.less).map(value).sum::<f64>() / self.sides()
    }
}
