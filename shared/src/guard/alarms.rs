//! The alarms that nobody has to write.
//!
//! CodeDeploy looks at the state of metric alarms alone, by name: an alarm over metric math is one, a composite alarm is none
//! (<https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html>). So that no alarm which burns because of
//! the *current* version stops the release that mends it, a deployment reads only those that see the target version, by the dimension
//! `ExecutedVersion` (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>). The others are for people.
//!
//! | alarm | sees | a deployment reads it | as |
//! |---|---|---|---|
//! | `…TargetErrorsAlarm` | the target version's share of failed invocations | yes | metric math in a metric alarm |
//! | `…TargetDurationAlarm` | the target version's p99 | yes | a plain metric alarm |
//! | `…AliasErrorsAlarm` | the alias's share of failed invocations, of either version | no | |
//! | `…ThrottlesAlarm` | the alias's throttled invocations, which have no version | no | |

use serde::Serialize;
use serde_json::{Value, json};

use super::functions::{Guardable, Shifted};
use super::{Guard, GuardFault};

/// The time limit of a function that names none, in seconds, SAM's and Lambda's
/// (<https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html#lambda-CreateFunction-request-Timeout>).
const DEFAULT_TIMEOUT: f64 = 3.0;
/// The p99 that is too long for each second of a function's time limit, in milliseconds, unless the guard says it.
const MILLISECONDS_A_SECOND: f64 = 800.0;

/// The settings of the alarms. A share, and two minutes of three, so that one error of a quiet hour is no alarm.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct AlarmKit {
    /// The percentage of failed invocations above which a minute is bad.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 100.0)))]
    pub error_percent: f64,
    /// The p99 in milliseconds from which a minute is bad; four fifths of the function's time limit unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1.0, max = 900_000.0)))]
    pub p99_milliseconds: Option<f64>,
    /// The minutes that must be bad, of those that are looked at.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 60)))]
    pub bad_minutes: u32,
    /// The minutes that are looked at.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 60)))]
    pub minutes: u32,
}

impl Default for AlarmKit {
    fn default() -> Self {
        Self { error_percent: 10.0, p99_milliseconds: None, bad_minutes: 2, minutes: 3 }
    }
}

/// An alarm to be added to a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alarm {
    pub(super) logical_id: String,
    /// The whole resource.
    pub(super) resource: Value,
    /// True if the function's deployment group reads it.
    pub(super) stops_a_shift: bool,
}

/// The versions whose invocations an alarm counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// Every version that the alias sends requests to.
    Alias,
    /// The version that this release publishes.
    Target,
}

/// The alarms of a function.
pub(super) fn kit(function: &Guardable<'_>, guard: &Guard, shifted: &Shifted) -> Result<Vec<Alarm>, GuardFault> {
    let kit = Kit { function, guard, shifted };
    let alarms = [
        kit.alarm("TargetErrors", "target-errors", kit.errors(Sight::Target), true)?,
        kit.alarm("TargetDuration", "target-duration", kit.duration()?, true)?,
        kit.alarm("AliasErrors", "alias-errors", kit.errors(Sight::Alias), false)?,
        kit.alarm("Throttles", "throttles", kit.throttles(), false)?,
    ];
    Ok(alarms.into())
}

/// References to those that stop a shift.
pub(super) fn read(alarms: &[Alarm]) -> Vec<Value> {
    alarms.iter().filter(|alarm| alarm.stops_a_shift).map(|alarm| json!({ "Ref": alarm.logical_id })).collect()
}

struct Kit<'a> {
    function: &'a Guardable<'a>,
    guard: &'a Guard,
    shifted: &'a Shifted,
}

impl Kit<'_> {
    /// The whole alarm: what all have in common, and `own`.
    fn alarm(&self, suffix: &str, name: &str, own: Value, stops_a_shift: bool) -> Result<Alarm, GuardFault> {
        let function = self.function.logical_id;
        let logical_id = self.function.free(format!("{function}{suffix}Alarm"))?;
        let mut properties = json!({
            "AlarmName": { "Fn::Sub": format!("${{AWS::StackName}}-{function}-{name}") },
            "EvaluationPeriods": self.guard.alarms.minutes,
            "DatapointsToAlarm": self.guard.alarms.bad_minutes,
            // A minute without requests is no bad minute.
            "TreatMissingData": "notBreaching",
        });
        if let (Value::Object(properties), Value::Object(own)) = (&mut properties, own) {
            properties.extend(own);
        }
        let mut resource = json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": properties });
        if let Some(condition) = self.function.condition() {
            resource["Condition"] = condition.clone();
        }
        Ok(Alarm { logical_id, resource, stops_a_shift })
    }

    fn errors(&self, sight: Sight) -> Value {
        let query = |id: &str, metric: &str| {
            json!({
                "Id": id,
                "ReturnData": false,
                "MetricStat": {
                    "Metric": { "Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": self.dimensions(sight) },
                    "Period": 60,
                    "Stat": "Sum",
                },
            })
        };
        let share = json!({ "Id": "share", "Label": "percent", "Expression": "100 * errors / invocations" });
        json!({
            "AlarmDescription": match sight {
                Sight::Target => "The new version's invocations fail.",
                Sight::Alias => "Invocations through the alias fail, of whichever version.",
            },
            "Metrics": [share, query("errors", "Errors"), query("invocations", "Invocations")],
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": self.guard.alarms.error_percent,
        })
    }

    fn duration(&self) -> Result<Value, GuardFault> {
        let threshold = match (self.guard.alarms.p99_milliseconds, self.function.property("Timeout")) {
            (Some(milliseconds), _) => milliseconds,
            (None, None) => DEFAULT_TIMEOUT * MILLISECONDS_A_SECOND,
            (None, Some(timeout)) => {
                let seconds = timeout.as_f64().or_else(|| timeout.as_str()?.parse().ok());
                let fault = || GuardFault::Timeout { function: self.function.logical_id.to_owned() };
                seconds.ok_or_else(fault)? * MILLISECONDS_A_SECOND
            }
        };
        Ok(json!({
            "AlarmDescription": "The slowest hundredth of the new version's invocations takes too long.",
            "Namespace": "AWS/Lambda",
            "MetricName": "Duration",
            "Dimensions": self.dimensions(Sight::Target),
            "ExtendedStatistic": "p99",
            // Of few requests the p99 is the slowest, which may be one cold start.
            "EvaluateLowSampleCountPercentile": "ignore",
            "Unit": "Milliseconds",
            "Period": 60,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": threshold,
        }))
    }

    fn throttles(&self) -> Value {
        json!({
            "AlarmDescription": "Invocations through the alias are throttled.",
            "Namespace": "AWS/Lambda",
            "MetricName": "Throttles",
            "Dimensions": self.dimensions(Sight::Alias),
            "Statistic": "Sum",
            "Period": 60,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
        })
    }

    fn dimensions(&self, sight: Sight) -> Value {
        let function = self.function.logical_id;
        let resource = match &self.shifted.alias {
            Value::String(alias) => json!({ "Fn::Sub": format!("${{{function}}}:{alias}") }),
            alias => json!({ "Fn::Sub": [format!("${{{function}}}:${{Alias}}"), { "Alias": alias }] }),
        };
        let mut dimensions = vec![
            json!({ "Name": "FunctionName", "Value": { "Ref": function } }),
            json!({ "Name": "Resource", "Value": resource }),
        ];
        if sight == Sight::Target {
            dimensions.push(json!({ "Name": "ExecutedVersion", "Value": self.shifted.version }));
        }
        Value::Array(dimensions)
    }
}
