//! The judge over the table, look by look, and its judgement as the ledger keeps it. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use slipway_shared::judge::{Counts, Grade, Judge, Judgement, MetricIndex, MetricJudgement, Outcome, Pair};
use slipway_shared::ledger::{MetricEntry, Point, Sample, thinned};
use slipway_shared::manifest::{JudgedMetric, Measure as Named};

use super::measure::{Measure, Origin};
use super::table::Table;
use crate::criteria::Criteria;

/// What a judgement of a shift all at once is worth.
const NOT_AT_ONCE: &str = "no traffic was shared: the minutes after the shift are compared with those before it, so that whatever else \
    changed in between counts, too";

/// A judgement, ready to be acted on and kept.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) outcome: Outcome,
    pub(crate) score: f64,
    /// True if it scores less than what is marginal because metrics by themselves show that the target is worse.
    pub(crate) is_below_marginal: bool,
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
    measure: &'a Measure<'a>,
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
            is_below_marginal: false,
            looks: 0,
            probability: 1.0,
            reasons: vec![reason.into()],
            metrics: Vec::new(),
            notes: Vec::new(),
            fewest: None,
        }
    }

    /// The judgement if what the release's manifest demands is not known, for that reason: the target may be worse, and never passes.
    pub(super) fn by_other_criteria(mut self, fault: &str) -> Self {
        if self.outcome == Outcome::Passed {
            self.outcome = Outcome::Inconclusive;
            self.reasons.push("what the release's manifest demands is not known".to_owned());
        }
        self.notes
            .push(format!("judged by the watch's own criteria, because the release's manifest is not known ({fault})"));
        self
    }
}

/// Judges what is in the table.
pub(super) fn judge(criteria: &Criteria, measures: &BTreeMap<&str, Vec<Measure<'_>>>, table: &Table<'_>) -> Judged {
    let mut notes = Vec::new();
    let mut kept = BTreeMap::new();
    for metric in criteria.judged.groups.iter().flat_map(|group| &group.metrics) {
        let measures = measures.get(metric.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        let reads: Vec<Read<'_>> = measures.iter().map(|measure| read(measure, table)).collect();
        let nothing = why_nothing(metric, &reads);
        // A metric that the manifest names and that has nothing has no data, and the judge is told of it.
        if nothing.is_none() || criteria.are_named {
            kept.insert(metric.name.as_str(), reads);
        }
        notes.extend(nothing);
    }
    if !table.are_at_once() {
        notes.push(NOT_AT_ONCE.to_owned());
    }
    notes.extend(probed(table));
    let policy = criteria.judged.policy(|metric| match kept.get(metric.name.as_str()).map(Vec::as_slice) {
        None => Vec::new(),
        Some([]) => vec![metric.name.clone()],
        Some(reads) => reads.iter().map(|read| read.measure.name.clone()).collect(),
    });
    let kept: Vec<Read<'_>> = kept.into_values().flatten().collect();
    let judged = match Judge::new(policy) {
        Ok(mut judge) => {
            take_looks(&mut judge, &kept);
            described(&judge.judgement(), &kept, notes)
        }
        Err(error) => Judged::nothing(format!("nothing can be judged ({error})")),
    };
    Judged { fewest: fewest(table), ..judged }
}

fn read<'a>(measure: &'a Measure<'a>, table: &Table<'_>) -> Read<'a> {
    let probes = measure.kind.is_probed().then(|| table.series(measure.kind, Origin::Probes)).flatten();
    Read { measure, users: table.series(measure.kind, Origin::Users), probes: probes.unwrap_or_default() }
}

/// The reason why there is nothing of a metric to compare, if there is nothing. The current version says whether a function counts its
/// own metric: a target that stopped to must not get away with it.
fn why_nothing(metric: &JudgedMetric, reads: &[Read<'_>]) -> Option<String> {
    let counts = |points: &[Point]| points.iter().any(|point| point.current.requests > 0);
    let is_counted = |read: &Read<'_>| read.users.as_ref().is_none_or(|users| counts(users)) || counts(&read.probes);
    let name = &metric.name;
    match (&metric.measure, reads) {
        (Named::Duration(_), []) => {
            Some(format!("{name}: not compared, there were too few durations before the shift to say what is slow"))
        }
        (Named::Metric(own), reads) if !reads.iter().any(is_counted) => Some(format!(
            "{name}: not compared, the current version counts no {} in the namespace {}",
            own.requests, own.namespace
        )),
        _ => None,
    }
}

/// How much of the evidence is the watch's own.
fn probed(table: &Table<'_>) -> Option<String> {
    let requests = |origin| {
        let points = table.invocations(origin).unwrap_or_default();
        points.iter().map(|point| point.target.requests).sum::<u64>()
    };
    let (probes, users) = (requests(Origin::Probes), requests(Origin::Users));
    (probes > 0).then(|| format!("{probes} of the target's {} requests were probes of the watch's own", probes + users))
}

/// The requests of users of the version that had fewer, in the last minute.
fn fewest(table: &Table<'_>) -> Option<u64> {
    let last = table.invocations(Origin::Users)?.pop()?;
    Some(last.current.requests.min(last.target.requests))
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
        is_below_marginal: judgement.grade == Grade::Fail
            && judgement.metrics.iter().any(|metric| metric.class.is_worse()),
        looks: judgement.looks,
        probability,
        reasons,
        metrics: judgement.metrics.iter().map(metric).collect(),
        notes,
        fewest: None,
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
