//! The reason for an alarm's state, in CloudWatch's own words and JSON.

use serde_json::{Value, json};

use super::super::query::{Point, Source};
use super::super::values::alarm_time;
use super::definition::MetricWatch;
use super::evaluation::{MissingData, State};
use super::records::{Alarm, Standing};
use crate::core::Timestamp;

/// A datapoint of the evaluation range: when its period began, and its value.
#[derive(Clone, Copy, Debug)]
pub(in crate::cloudwatch) struct Datapoint {
    pub at: Timestamp,
    pub point: Option<Point>,
}

/// `StateReason` and `StateReasonData`.
pub(in crate::cloudwatch) fn reason(
    watch: &MetricWatch,
    range: &[Datapoint],
    from: State,
    to: State,
    now: Timestamp,
) -> (String, String) {
    let evaluated = evaluated(watch, range);
    let data = reason_data(watch, &evaluated, now);
    (text(watch, &evaluated, from, to), data.to_string())
}

/// The same of a composite alarm: the alarm of its rule that changed last.
pub(in crate::cloudwatch) fn composite_reason(
    name: &str,
    state: State,
    trigger: Option<&Alarm>,
    arn_prefix: &str,
) -> (String, Option<String>) {
    let Some(trigger) = trigger else {
        return (format!("The alarm rule of {name} evaluated to {}", state == State::Alarm), None);
    };
    let arn = format!("{arn_prefix}{}", trigger.definition.name);
    let Standing { state: its, since, .. } = &trigger.standing;
    let at = jiff::Timestamp::from_millisecond(since.as_millis())
        .map(|at| at.strftime("%A %d %B, %Y %H:%M:%S UTC").to_string())
        .unwrap_or_default();
    let triggering = json!([{ "arn": arn, "state": { "value": its.as_str(), "timestamp": alarm_time(*since) } }]);
    (
        format!("{arn} transitioned to {} at {at}", its.as_str()),
        Some(json!({ "triggeringAlarms": triggering }).to_string()),
    )
}

/// The datapoints that decide, the newest first.
fn evaluated(watch: &MetricWatch, range: &[Datapoint]) -> Vec<(Timestamp, Point)> {
    let real = range.iter().rev().filter_map(|datapoint| Some((datapoint.at, datapoint.point?)));
    real.take(watch.quorum.periods).collect()
}

fn text(watch: &MetricWatch, evaluated: &[(Timestamp, Point)], from: State, to: State) -> String {
    let periods = watch.quorum.periods;
    if to == State::InsufficientData {
        return format!("Insufficient Data: {}", unknown(periods));
    }
    if evaluated.is_empty() {
        let treated = match watch.missing {
            MissingData::Breaching => "Breaching",
            _ => "NonBreaching",
        };
        let (plural, were) = if periods == 1 { ("", "was") } else { ("s", "were") };
        return format!(
            "Threshold Crossed: no datapoints were received for {periods} period{plural} and {periods} missing \
             datapoint{plural} {were} treated as [{treated}]."
        );
    }
    let deciding: Vec<(Timestamp, f64)> = evaluated
        .iter()
        .map(|(at, point)| (*at, point.value))
        .filter(|(_, value)| watch.comparison.breaches(*value, watch.threshold) == (to == State::Alarm))
        .collect();
    let list: Vec<String> = deciding.iter().map(|(at, value)| format!("{value:?} ({})", short_time(*at))).collect();
    let were = match (deciding.len(), to) {
        (1, State::Alarm) => "was",
        (_, State::Alarm) => "were",
        (1, _) => "was not",
        _ => "were not",
    };
    let compared =
        format!("[{}] {were} {} the threshold ({:?})", list.join(", "), watch.comparison.in_words(), watch.threshold);
    if !watch.names_quorum {
        let plural = if deciding.len() == 1 { "" } else { "s" };
        return format!("Threshold Crossed: {} datapoint{plural} {compared}.", deciding.len());
    }
    let least = if to == State::Alarm { watch.quorum.datapoints } else { periods - watch.quorum.datapoints + 1 };
    format!(
        "Threshold Crossed: {} out of the last {} datapoints {compared} (minimum {least} datapoint{} for {} -> {} \
         transition).",
        deciding.len(),
        evaluated.len(),
        if least == 1 { "" } else { "s" },
        if from == State::InsufficientData { if to == State::Alarm { "OK" } else { "ALARM" } } else { from.as_str() },
        to.as_str(),
    )
}

fn unknown(periods: usize) -> String {
    if periods == 1 { "1 datapoint was unknown.".to_owned() } else { format!("{periods} datapoints were unknown.") }
}

fn reason_data(watch: &MetricWatch, evaluated: &[(Timestamp, Point)], now: Timestamp) -> Value {
    let oldest_first: Vec<f64> = evaluated.iter().rev().map(|(_, point)| point.value).collect();
    let mut data = json!({
        "version": "1.0",
        "queryDate": alarm_time(now),
        "period": watch.period.as_secs(),
        "recentDatapoints": oldest_first,
        "threshold": watch.threshold,
        "evaluatedDatapoints": evaluated
            .iter()
            .map(|(at, point)| datapoint(*at, *point))
            .collect::<Vec<_>>(),
    });
    if let Some((at, _)) = evaluated.last() {
        data["startDate"] = json!(alarm_time(*at));
    }
    if let [query] = &watch.queries.0[..]
        && let Source::Metric { statistic, unit, .. } = &query.source
    {
        data["statistic"] = json!(statistic.to_string());
        if let Some(unit) = unit {
            data["unit"] = json!(unit);
        }
    }
    data
}

/// A datapoint; the value of an expression has no samples of its own.
fn datapoint(at: Timestamp, point: Point) -> Value {
    let mut shown = json!({ "timestamp": alarm_time(at), "value": point.value });
    if point.samples.is_finite() {
        shown["sampleCount"] = json!(point.samples);
    }
    shown
}

/// `02/10/19 16:59:00`, as a reason writes a datapoint's time.
fn short_time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map(|at| at.strftime("%d/%m/%y %H:%M:%S").to_string())
        .unwrap_or_default()
}
