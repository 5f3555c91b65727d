//! An alarm as it is put: what it watches, when it breaches, and what it does.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::super::query::{Queries, Source};
use super::super::statistic::Statistic;
use super::super::values::{self, invalid, validation};
use super::evaluation::{Comparison, MissingData, Quorum, State};
use super::rule::Rule;
use crate::core::{Arn, Input, ServiceError};

/// The evidence that decides on an alarm's state.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) enum Watch {
    /// A metric, or math over metrics.
    Metric(MetricWatch),
    /// A rule over other alarms.
    Composite(Rule),
}

/// A metric alarm's watch.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct MetricWatch {
    pub queries: Queries,
    pub period: Duration,
    pub quorum: Quorum,
    pub comparison: Comparison,
    pub threshold: f64,
    pub missing: MissingData,
    /// True if `DatapointsToAlarm` was put: reasons then name the quorum.
    pub names_quorum: bool,
    /// Fewer samples than this keep the state (`EvaluateLowSampleCountPercentile` is `ignore`).
    pub least_samples: f64,
}

/// The definition of an alarm, as `PutMetricAlarm` or `PutCompositeAlarm` set it.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct Definition {
    pub name: String,
    pub watch: Watch,
    /// The members that were put, as the API shows them.
    pub shown: Map<String, Value>,
}

const SHARED: [&str; 6] =
    ["AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "InsufficientDataActions"];
const METRIC: [&str; 14] = [
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
];

impl Definition {
    /// Reads the input of `PutMetricAlarm`.
    ///
    /// # Errors
    /// `ValidationError` with what is wrong, `NotImplemented` for what the plane cannot do.
    pub(in crate::cloudwatch) fn metric(input: &Input) -> Result<Self, ServiceError> {
        let name = name(input)?;
        let watch = Watch::Metric(metric_watch(input)?);
        let mut shown = shown(input, &[&SHARED[..], &METRIC[..]].concat())?;
        if !shown.contains_key("Metrics") {
            shown.entry("Dimensions").or_insert_with(|| json!([]));
        }
        Ok(Self { name, watch, shown })
    }

    /// Reads the input of `PutCompositeAlarm`.
    ///
    /// # Errors
    /// As for a metric alarm.
    pub(in crate::cloudwatch) fn composite(input: &Input) -> Result<Self, ServiceError> {
        let name = name(input)?;
        let text = input.opt_str("AlarmRule").ok_or_else(|| values::missing("AlarmRule"))?;
        if text.contains("AT_LEAST") {
            return Err(ServiceError::not_implemented("monitoring", "PutCompositeAlarm with AT_LEAST in the rule"));
        }
        let rule = Rule::parse(text).map_err(|error| validation(format!("AlarmRule: {error}")))?;
        let watch = Watch::Composite(rule);
        Ok(Self { name, watch, shown: shown(input, &[&SHARED[..], &["AlarmRule"]].concat())? })
    }

    /// `MetricAlarm` or `CompositeAlarm`.
    pub(in crate::cloudwatch) fn kind(&self) -> &'static str {
        match self.watch {
            Watch::Metric(_) => "MetricAlarm",
            Watch::Composite(_) => "CompositeAlarm",
        }
    }

    /// True if it acts at all.
    pub(in crate::cloudwatch) fn actions_enabled(&self) -> bool {
        self.shown.get("ActionsEnabled").and_then(Value::as_bool).unwrap_or(true)
    }

    /// The ARNs of its actions on a state.
    pub(in crate::cloudwatch) fn actions(&self, state: State) -> Vec<String> {
        let member = match state {
            State::Ok => "OKActions",
            State::Alarm => "AlarmActions",
            State::InsufficientData => "InsufficientDataActions",
        };
        let actions = self.shown.get(member).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        actions.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A text member that was put.
    pub(in crate::cloudwatch) fn text(&self, member: &str) -> Option<&str> {
        self.shown.get(member).and_then(Value::as_str)
    }
}

fn name(input: &Input) -> Result<String, ServiceError> {
    input.opt_str("AlarmName").map(str::to_owned).ok_or_else(|| values::missing("AlarmName"))
}

fn shown(input: &Input, members: &[&str]) -> Result<Map<String, Value>, ServiceError> {
    let mut shown = Map::new();
    for member in members {
        if let Some(value) = input.get(member) {
            shown.insert((*member).to_owned(), value.clone());
        }
    }
    shown.entry("ActionsEnabled").or_insert(json!(true));
    for member in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        let actions = shown.entry(member).or_insert_with(|| json!([]));
        check_actions(actions)?;
    }
    Ok(shown)
}

fn check_actions(actions: &Value) -> Result<(), ServiceError> {
    let actions = actions.as_array().map_or(&[][..], Vec::as_slice);
    for action in actions.iter().map(|action| action.as_str().unwrap_or_default()) {
        match Arn::parse(action).as_ref().map(|arn| arn.service.as_str()) {
            Some("sns" | "lambda") => {}
            Some(_) => {
                return Err(ServiceError::not_implemented("monitoring", &format!("the alarm action {action}")));
            }
            None => return Err(validation(format!("Invalid arn syntax: {action}"))),
        }
    }
    Ok(())
}

fn metric_watch(input: &Input) -> Result<MetricWatch, ServiceError> {
    let comparison = input.opt_str("ComparisonOperator").and_then(Comparison::from_name);
    let comparison = comparison.ok_or_else(|| values::missing("ComparisonOperator"))?;
    let (queries, statistic) = watched(input)?;
    let period = queries.period().ok_or_else(|| values::missing("Period"))?;
    let missing = match input.opt_str("TreatMissingData") {
        None => MissingData::Missing,
        Some(name) => MissingData::from_name(name)
            .ok_or_else(|| option(name, "TreatMissingData", "breaching, notBreaching, ignore, and missing"))?,
    };
    let missing = if watches_dynamodb(&queries) { MissingData::Ignore } else { missing };
    let least_samples = match (input.opt_str("EvaluateLowSampleCountPercentile"), statistic) {
        (None | Some("evaluate"), _) => 0.0,
        (Some("ignore"), Some(Statistic::Percentile(percent))) => significant_samples(percent),
        (Some("ignore"), _) => 0.0,
        (Some(other), _) => return Err(option(other, "EvaluateLowSampleCountPercentile", "evaluate and ignore")),
    };
    Ok(MetricWatch {
        queries,
        period,
        quorum: quorum(input, period)?,
        comparison,
        threshold: input.opt_f64("Threshold").ok_or_else(|| values::missing("Threshold"))?,
        missing,
        names_quorum: input.get("DatapointsToAlarm").is_some(),
        least_samples,
    })
}

fn option(given: &str, member: &str, options: &str) -> ServiceError {
    validation(format!("Option {given} is not supported. Supported options for parameter {member} are {options}."))
}

/// Alarms on DynamoDB's metrics ignore missing data whatever they say.
fn watches_dynamodb(queries: &Queries) -> bool {
    queries.0.iter().any(|query| matches!(&query.source, Source::Metric { key, .. } if key.namespace == "AWS/DynamoDB"))
}

/// The number of samples that make a percentile statistically significant, by CloudWatch's documentation.
fn significant_samples(percent: f64) -> f64 {
    let share = percent / 100.0;
    if share >= 0.5 { 10.0 / (1.0 - share).max(1e-9) } else { 10.0 / share.max(1e-9) }
}

fn watched(input: &Input) -> Result<(Queries, Option<Statistic>), ServiceError> {
    const COMPANIONS: [&str; 7] =
        ["MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"];
    let metrics = input.list("Metrics");
    if !metrics.is_empty() {
        if COMPANIONS.iter().any(|member| input.get(member).is_some()) {
            return Err(validation(
                "When Metrics are specified, Namespace, MetricName, Dimensions, Period, Unit, Statistic and ExtendedStatistic cannot be specified.",
            ));
        }
        let queries = Queries::parse(metrics, "Metrics")?;
        if queries.returned().is_none() {
            return Err(validation("Exactly one element of the metrics list should return data."));
        }
        return Ok((queries, None));
    }
    let statistic = match (input.opt_str("Statistic"), input.opt_str("ExtendedStatistic")) {
        (Some(name), None) => name
            .parse::<Statistic>()
            .map_err(|_| validation(format!("The value {name} for parameter Statistic is not supported.")))?,
        (None, Some(name)) => name
            .parse::<Statistic>()
            .map_err(|_| invalid(format!("The value {name} for parameter ExtendedStatistic is not supported.")))?,
        _ => return Err(validation("Exactly one of Statistic and ExtendedStatistic must be specified.")),
    };
    let period = input.get("Period").ok_or_else(|| values::missing("Period"))?;
    let period = values::period(period)
        .filter(|period| period.as_secs() >= 10)
        .ok_or_else(|| validation("Period must be 10, 20, 30 or a multiple of 60."))?;
    let unit = input.opt_str("Unit").map(str::to_owned);
    Ok((Queries::single(values::metric_key(input)?, statistic, unit, period), Some(statistic)))
}

fn quorum(input: &Input, period: Duration) -> Result<Quorum, ServiceError> {
    let count = |member: &str| input.opt_i64(member).and_then(|count| usize::try_from(count).ok());
    let periods = count("EvaluationPeriods").filter(|count| *count > 0);
    let periods = periods.ok_or_else(|| values::missing("EvaluationPeriods"))?;
    let datapoints = count("DatapointsToAlarm").unwrap_or(periods);
    if datapoints == 0 || datapoints > periods {
        return Err(validation("DatapointsToAlarm must be less than or equal to EvaluationPeriods."));
    }
    let seconds = period.as_secs().saturating_mul(periods as u64);
    let (longest, named) = if period.as_secs() >= 3600 { (7 * 86_400, "seven days") } else { (86_400, "a day") };
    if seconds > longest {
        return Err(validation(format!(
            "Metrics cannot be checked across more than {named} (EvaluationPeriods * Period must be <= {longest})."
        )));
    }
    Ok(Quorum { datapoints, periods })
}
