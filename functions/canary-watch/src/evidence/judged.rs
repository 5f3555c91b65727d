//! The judge over the table, look by look, and its judgement as the ledger keeps it. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use slipway_shared::judge::{Counts, Judge, Judgement, MetricIndex, MetricJudgement, Outcome, Pair};
use slipway_shared::ledger::{MetricEntry, Point, Sample, thinned};

use super::measure::{Kind, Measure, Origin, Versions, policy};
use super::table::Table;
use super::thresholds::Thresholds;

/// A judgement, ready to be acted on and kept.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) outcome: Outcome,
    pub(crate) score: f64,
    pub(crate) looks: u64,
    /// The chance, at most, that a release that is no worse ever looks as bad as this one.
    pub(crate) probability: f64,
    pub(crate) reasons: Vec<String>,
    pub(crate) metrics: Vec<MetricEntry>,
    pub(crate) notes: Vec<String>,
    /// The requests of users of the version that had fewer, in the last minute that is complete; none if no minute is.
    pub(crate) fewest: Option<u64>,
}

/// A measure with what was read of it.
struct Read<'a> {
    measure: &'a Measure,
    /// Both versions for the users; none if it could not be read.
    users: Option<Vec<Point>>,
    /// Both versions for the probes. What could not be read of them is not evidence.
    probes: Vec<Point>,
}

impl Read<'_> {
    /// Everything, minute by minute.
    fn points(&self) -> Vec<Point> {
        let mut minutes: BTreeMap<Timestamp, Point> = BTreeMap::new();
        for point in self.users.iter().flatten().chain(&self.probes) {
            minutes.entry(point.at).and_modify(|sum| *sum = sum.plus(*point)).or_insert(*point);
        }
        minutes.into_values().collect()
    }
}

impl Judged {
    /// No evidence at all, for a reason.
    pub(super) fn nothing(reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Inconclusive,
            score: 0.0,
            looks: 0,
            probability: 1.0,
            reasons: vec![reason.into()],
            metrics: Vec::new(),
            notes: Vec::new(),
            fewest: None,
        }
    }
}

/// Judges what is in the table.
pub(super) fn judge(measures: &[Measure], thresholds: &Thresholds, versions: &Versions<'_>, table: &Table) -> Judged {
    let mut notes = Vec::new();
    if thresholds.is_empty() {
        notes.push("durations are not compared: there were too few before the shift to say what is slow".to_owned());
    }
    let read = measures.iter().map(|measure| {
        let series = |origin| table.series(measure.kind, origin, versions);
        let probes = measure.kind.is_probed().then(|| series(Origin::Probes)).flatten().unwrap_or_default();
        Read { measure, users: series(Origin::Users), probes }
    });
    let (kept, unknown): (Vec<Read<'_>>, Vec<_>) = read.partition(is_known);
    if !unknown.is_empty() {
        notes.push(
            "failures are not compared: the current version counts none of its requests in the namespace that is set"
                .to_owned(),
        );
    }
    notes.extend(probed(&kept));
    let policy = policy(&kept.iter().map(|read| read.measure.clone()).collect::<Vec<_>>());
    match Judge::new(policy) {
        Ok(mut judge) => {
            take_looks(&mut judge, &kept);
            described(&judge.judgement(), &kept, notes)
        }
        Err(error) => Judged::nothing(format!("nothing can be judged ({error})")),
    }
}

/// A function that does not count its failures is judged by the rest. The current version says whether it does: a target that stopped
/// to must not get away with it.
fn is_known(read: &Read<'_>) -> bool {
    let counts = |points: &[Point]| points.iter().any(|point| point.current.requests > 0);
    read.measure.kind != Kind::Failures || read.users.as_ref().is_none_or(|users| counts(users)) || counts(&read.probes)
}

/// How much of the evidence is the watch's own.
fn probed(kept: &[Read<'_>]) -> Option<String> {
    let requests = |points: &[Point]| points.iter().map(|point| point.target.requests).sum::<u64>();
    let errors = kept.iter().find(|read| read.measure.kind == Kind::Errors)?;
    let (probes, users) = (requests(&errors.probes), errors.users.as_deref().map_or(0, requests));
    (probes > 0).then(|| format!("{probes} of the target's {} requests were probes of the watch's own", probes + users))
}

/// One look for each minute of the users', the measures of a minute together, and one for each of the probes'.
fn take_looks(judge: &mut Judge, kept: &[Read<'_>]) {
    let mut looks: BTreeMap<(Timestamp, Origin), Vec<(MetricIndex, Pair)>> = BTreeMap::new();
    for Read { measure, users, probes } in kept {
        let Some(index) = judge.metric(&measure.name) else { continue };
        if users.is_none() {
            judge.could_not_read(index);
        }
        let users = users.iter().flatten().map(|point| (Origin::Users, point));
        for (origin, point) in users.chain(probes.iter().map(|point| (Origin::Probes, point))) {
            let is_asked = origin == Origin::Users || point.current.requests.min(point.target.requests) > 0;
            if let Some(pair) = pair(point).filter(|_| is_asked) {
                looks.entry((point.at, origin)).or_default().push((index, pair));
            }
        }
    }
    for pairs in looks.into_values() {
        if judge.look(pairs) {
            break;
        }
    }
}

fn pair(point: &Point) -> Option<Pair> {
    let counts = |sample: Sample| Counts::new(sample.requests, sample.bad).ok();
    Some(Pair { target: counts(point.target)?, current: counts(point.current)? })
}

fn described(judgement: &Judgement, kept: &[Read<'_>], notes: Vec<String>) -> Judged {
    let series = |name: &str| {
        let found = kept.iter().find(|read| read.measure.name == name);
        found.map(|read| thinned(&read.points())).unwrap_or_default()
    };
    let errors = kept.iter().find(|read| read.measure.kind == Kind::Errors);
    let last = errors.and_then(|read| read.users.as_ref()?.last());
    let metric = |metric: &MetricJudgement| MetricEntry {
        name: metric.metric.clone(),
        class: format!("{:?}", metric.class),
        estimate: metric.estimate.filter(|estimate| estimate.is_finite()),
        low: metric.interval.0,
        high: metric.interval.1.filter(|high| high.is_finite()),
        series: series(&metric.metric),
    };
    let probability = if judgement.evidence > 1.0 { judgement.evidence.recip() } else { 1.0 };
    let mut reasons = judgement.reasons.clone();
    if judgement.outcome == Outcome::Failed {
        reasons.push(format!(
            "a release that is no worse would look so with a probability of at most {}",
            chance(probability)
        ));
    }
    Judged {
        outcome: judgement.outcome,
        score: judgement.score,
        looks: judgement.looks,
        probability,
        reasons,
        metrics: judgement.metrics.iter().map(metric).collect(),
        notes,
        fewest: last.map(|point| point.current.requests.min(point.target.requests)),
    }
}

/// A probability with two digits that say something, in per cent.
fn chance(probability: f64) -> String {
    let percent = 100.0 * probability;
    if percent < 1e-4 {
        return "0.0001 %".to_owned();
    }
    let decimals = (1.0 - percent.log10().floor()).clamp(0.0, 6.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 6")]
    let decimals = decimals as usize;
    format!("{percent:.decimals$} %")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(1.0 => "100 %")]
    #[test_case(0.5 => "50 %")]
    #[test_case(0.0123 => "1.2 %")]
    #[test_case(0.000_8 => "0.080 %")]
    #[test_case(1e-30 => "0.0001 %")]
    fn a_chance_is_written_with_what_it_says(probability: f64) -> String {
        chance(probability)
    }
}
