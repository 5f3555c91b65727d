//! The judge of a canary: what the target version did against what the current version did, at the same time.
//!
//! Pure, without a clock and without chance. Every metric is a pair of proportions for each look ([`Pair`]: requests and bad ones of
//! either version since the look before); durations are counts of requests above thresholds, several thresholds of one duration
//! being one [`Group`]. It looks as often as it likes: the chance that a good release is ever stopped stays under [`Policy::level`].
//!
//! # Why that is so
//!
//! *One look.* A look has `n` requests of the target and `m` of the current version, `b` of them bad together. If the version makes
//! no difference, then whichever requests were bad, those that went to the target are a random draw: its bad ones `x` are
//! hypergeometric. No request need be independent of another for that; it is enough that the router draws each request's version by
//! itself. In general, with independent requests and odds of a bad answer that are `psi` times the current version's, `x` given `b`
//! has Fisher's noncentral hypergeometric law `C(n, x) C(m, b - x) psi^x / Z(psi)` for whatever the rates are, so that they may
//! drift from look to look, and the share of the canary with them. The likelihood ratio of `r psi` against `psi`,
//! `r^x Z(psi) / Z(r psi)`, has expectation one under `psi`; for `r > 1` it grows with `x`, and the laws grow with `psi`, so that its
//! expectation is at most one under every smaller odds ratio: it is an e-value against "the target's odds are at most
//! [`Metric::tolerance`] times the current version's". The sums `Z` are computed, not bounded: the binomial law in their place would
//! be as valid, since its expectation of a convex function is larger (Hoeffding 1963), and weaker where errors are frequent.
//!
//! *All looks.* Products of e-values of looks, and averages of such products over effects `r` (a mixture over the lattice of
//! `lattice`, with fixed weights), are nonnegative supermartingales that begin at one, and by Ville's inequality one that reaches
//! `1 / level` ever does so with probability `level` at most. A look that would carry a metric beyond what stops the release is worth
//! no more than stopping it: what lies above is cut, and the look's other outcomes are raised until the expectation is one again
//! (Fischer and Ramdas 2024, on avoiding overshoot). The level is thereby used up instead of given away.
//!
//! *All metrics.* The weighted average of the metrics' processes is one again, however they depend on each other. Weights are fixed
//! before the first look: a group's weight is divided evenly between its metrics, a critical one counting [`CRITICAL_WEIGHT`] times.
//! Only this average stops a release. [`Class`]es, the score and its thresholds, after Kayenta, decide at the end between passed and
//! inconclusive.
//!
//! *Intervals.* Each end of a metric's interval is the odds ratio that the same process, begun there, would just reject now: each end
//! holds at all looks together with probability `1 - level`. Between points of the lattice the sums' logarithms are interpolated by
//! cubics.
//!
//! # What is assumed, and what breaks it
//!
//! Both versions meet the same mix of requests: versions are drawn for each request. Sticky sessions, clients that retry a bad answer
//! (the retries count again), a share that moves within a look while the rate moves, too, and a cold cache of the new version break
//! it. A threshold of a duration must come from earlier requests of the current version or from both versions together, not from the
//! current version's requests in the same look.
//!
//! Sources: Turner, Ly, Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for optional stopping" and
//! "Safe tests and always-valid confidence intervals for contingency tables"; Johari, Koomen, Pekelis, Walsh, "Always valid
//! inference"; Waudby-Smith, Ramdas, "Estimating means of bounded random variables by betting"; Fischer, Ramdas, "Improving the
//! (approximate) sequential probability ratio test by avoiding overshoot".

mod classify;
mod counts;
mod durations;
mod evidence;
mod interval;
mod judgement;
mod lattice;
mod look;
mod policy;
mod sequence;

#[cfg(test)]
mod tests;

pub use classify::{Class, Classified, Grade, score};
pub use counts::{Counts, CountsError, MOST_REQUESTS, Pair};
pub use durations::{DurationPolicy, MannWhitney, Shift, classify, hodges_lehmann, mann_whitney};
pub use interval::Estimate;
pub use judgement::{Judgement, MetricJudgement, Outcome};
pub use policy::{CRITICAL_WEIGHT, Direction, Group, Metric, Policy, PolicyError};
pub use sequence::{Judge, MetricIndex};
