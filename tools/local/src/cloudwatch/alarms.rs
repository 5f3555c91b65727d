//! The operations on alarms.

use serde_json::{Map, Value, json};

use super::alarm::{Alarm, Alarms, Definition, State, Watch};
use super::state::CloudWatch;
use super::{notify, tags, values};
use crate::core::{Driver, Hub, Input, Reply, ServiceError};
use crate::operations::Operation;

/// Operations on alarms.
pub(super) const OPERATIONS: &[Operation<CloudWatch>] = &[
    Operation::now(
        "PutMetricAlarm",
        "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName Namespace Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold ComparisonOperator=GreaterThanOrEqualToThreshold|GreaterThanThreshold|LessThanThreshold|LessThanOrEqualToThreshold TreatMissingData EvaluateLowSampleCountPercentile Metrics{Id MetricStat Expression Label ReturnData Period} Tags",
        |it: &CloudWatch, request| put(it, &request.input, Definition::metric(&request.input)?),
    )
    .on("alarm:{AlarmName}"),
    Operation::now(
        "PutCompositeAlarm",
        "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions AlarmRule Tags",
        |it: &CloudWatch, request| put(it, &request.input, Definition::composite(&request.input)?),
    )
    .on("alarm:{AlarmName}"),
    Operation::now("DeleteAlarms", "AlarmNames", |it: &CloudWatch, request| delete(it, &request.input))
        .on_found(CloudWatch::named_alarms),
    Operation::now(
        "DescribeAlarms",
        "AlarmNames AlarmNamePrefix AlarmTypes StateValue ActionPrefix MaxRecords NextToken",
        |it: &CloudWatch, request| describe(&it.alarms, &it.hub, &request.input),
    )
    .on("alarm:*"),
    Operation::now("DescribeAlarmsForMetric", "*", |it: &CloudWatch, request| {
        describe_for_metric(&it.alarms, &it.hub, &request.input)
    }),
    Operation::now(
        "DescribeAlarmHistory",
        "AlarmName AlarmTypes HistoryItemType StartDate EndDate MaxRecords NextToken ScanBy",
        |it: &CloudWatch, request| history(&it.alarms, &request.input),
    )
    .on("alarm:{AlarmName}"),
    Operation::now("SetAlarmState", "*", |it: &CloudWatch, request| set_state(&it.alarms, &request.input))
        .on("alarm:{AlarmName}"),
    Operation::now("EnableAlarmActions", "AlarmNames", |it: &CloudWatch, request| enable_actions(&it.alarms, &request.input, true))
        .on_found(CloudWatch::named_alarms),
    Operation::now("DisableAlarmActions", "AlarmNames", |it: &CloudWatch, request| {
        enable_actions(&it.alarms, &request.input, false)
    })
    .on_found(CloudWatch::named_alarms),
];

/// `PutMetricAlarm` and `PutCompositeAlarm`: the definition is read already.
fn put(it: &CloudWatch, input: &Input, definition: Definition) -> Reply {
    let name = definition.name.clone();
    let is_new = it.alarms.read(|engine| engine.get(&name).is_none());
    let given = tags::read(input)?;
    it.alarms.apply(|engine, now| engine.put(definition, now))?;
    // Tags that come with an alarm that exists are ignored, as AWS does.
    if is_new {
        it.tags().put(&notify::arn(&it.hub, &name), given)?;
    }
    Ok(json!({}))
}

/// `DeleteAlarms`: those that are there, but no alarm that a composite alarm needs.
///
/// AWS documents that "the alarms you specify with correct names are still deleted". Assumed: what is not there is
/// passed over without a word.
fn delete(it: &CloudWatch, input: &Input) -> Reply {
    let names = input.strings("AlarmNames");
    it.alarms.apply(|engine, now| {
        let result = check_deletable(engine, &names);
        if result.is_ok() {
            names.iter().for_each(|name| engine.remove(name, now));
        }
        (result, Vec::new())
    })?;
    names.iter().for_each(|name| it.tags().forget(&notify::arn(&it.hub, name)));
    Ok(json!({}))
}

fn check_deletable(engine: &Alarms, names: &[String]) -> Result<(), ServiceError> {
    let composite = |name: &&String| engine.get(name).is_some_and(|alarm| !children(alarm).is_empty());
    if names.iter().filter(composite).count() > 1 {
        return Err(values::validation(
            "Deletion of more than one composite alarm in a single request is not supported.",
        ));
    }
    for alarm in engine.all().filter(|alarm| !names.contains(&alarm.definition.name)) {
        if let Some(needed) = children(alarm).into_iter().find(|child| names.iter().any(|name| name == child)) {
            let message = format!(
                "Cannot delete alarm with name {needed} because it is used by composite alarm(s): {}.",
                alarm.definition.name
            );
            return Err(values::validation(message));
        }
    }
    Ok(())
}

fn children(alarm: &Alarm) -> Vec<&str> {
    match &alarm.definition.watch {
        Watch::Composite(rule) => rule.alarms(),
        Watch::Metric(_) => Vec::new(),
    }
}

/// `EnableAlarmActions` and `DisableAlarmActions`. Names without an alarm are passed over.
fn enable_actions(alarms: &Driver<Alarms>, input: &Input, enabled: bool) -> Reply {
    alarms.apply(|engine, _| {
        for name in input.strings("AlarmNames") {
            engine.enable_actions(&name, enabled);
        }
        (Ok(json!({})), Vec::new())
    })
}

/// `SetAlarmState`.
fn set_state(alarms: &Driver<Alarms>, input: &Input) -> Reply {
    let name = input.opt_str("AlarmName").ok_or_else(|| values::missing("AlarmName"))?;
    let state = input.opt_str("StateValue").and_then(State::from_name).ok_or_else(|| values::missing("StateValue"))?;
    let reason = input.opt_str("StateReason").ok_or_else(|| values::missing("StateReason"))?.to_owned();
    let data = input.opt_str("StateReasonData").map(str::to_owned);
    if data.as_ref().is_some_and(|data| serde_json::from_str::<Value>(data).is_err()) {
        return Err(ServiceError::new("InvalidFormat", "The StateReasonData must be valid JSON."));
    }
    alarms.apply(|engine, now| engine.set_state(name, state, reason, data, now)).map(|()| json!({}))
}

/// `DescribeAlarms`.
fn describe(alarms: &Driver<Alarms>, hub: &Hub, input: &Input) -> Reply {
    let (names, kinds) = (input.strings("AlarmNames"), input.strings("AlarmTypes"));
    let prefix = input.opt_str("AlarmNamePrefix");
    if prefix.is_some() && !names.is_empty() {
        return Err(values::combination("AlarmNamePrefix and AlarmNames cannot be specified together"));
    }
    let (state, action) = (input.opt_str("StateValue"), input.opt_str("ActionPrefix"));
    let acts = |alarm: &Alarm, prefix: &str| {
        let states = [State::Ok, State::Alarm, State::InsufficientData];
        states.iter().flat_map(|state| alarm.definition.actions(*state)).any(|action| action.starts_with(prefix))
    };
    // Without types only metric alarms are shown, as AWS does.
    let wanted_kind =
        |kind: &str| if kinds.is_empty() { kind == "MetricAlarm" } else { kinds.iter().any(|it| it == kind) };
    let found: Vec<(String, Value)> = alarms.read(|engine| {
        engine
            .all()
            .filter(|alarm| wanted_kind(alarm.definition.kind()))
            .filter(|alarm| names.is_empty() || names.contains(&alarm.definition.name))
            .filter(|alarm| prefix.is_none_or(|prefix| alarm.definition.name.starts_with(prefix)))
            .filter(|alarm| state.is_none_or(|state| state == alarm.standing.state.as_str()))
            .filter(|alarm| action.is_none_or(|prefix| acts(alarm, prefix)))
            .map(|alarm| (alarm.definition.name.clone(), show(hub, alarm)))
            .collect()
    });
    let (page, next) = values::page(input, found, 100)?;
    let (composite, metric): (Vec<Value>, Vec<Value>) =
        page.into_iter().partition(|alarm| alarm.get("AlarmRule").is_some());
    Ok(json!({ "MetricAlarms": metric, "CompositeAlarms": composite, "LogAlarms": [], "NextToken": next }))
}

/// `DescribeAlarmsForMetric`.
fn describe_for_metric(alarms: &Driver<Alarms>, hub: &Hub, input: &Input) -> Reply {
    let key = values::metric_key(input)?;
    let watches = |alarm: &&Alarm| match &alarm.definition.watch {
        Watch::Metric(watch) => watch
            .queries
            .0
            .iter()
            .any(|query| matches!(&query.source, super::query::Source::Metric { key: other, .. } if *other == key)),
        Watch::Composite(_) => false,
    };
    let same = |alarm: &&Alarm, member: &str| {
        input.get(member).is_none_or(|wanted| alarm.definition.shown.get(member) == Some(wanted))
    };
    let members = ["Statistic", "ExtendedStatistic", "Unit", "Period"];
    let found: Vec<Value> = alarms.read(|engine| {
        engine
            .all()
            .filter(watches)
            .filter(|alarm| members.iter().all(|member| same(alarm, member)))
            .map(|alarm| show(hub, alarm))
            .collect()
    });
    Ok(json!({ "MetricAlarms": found }))
}

/// `DescribeAlarmHistory`.
fn history(alarms: &Driver<Alarms>, input: &Input) -> Reply {
    let (name, kind) = (input.opt_str("AlarmName"), input.opt_str("HistoryItemType"));
    let types = input.strings("AlarmTypes");
    let time = |name: &str| input.get(name).and_then(values::timestamp);
    let (start, end) = (time("StartDate"), time("EndDate"));
    let mut items: Vec<Value> = alarms.read(|engine| {
        engine
            .history()
            .filter(|item| name.is_none_or(|name| name == item.alarm))
            .filter(|item| kind.is_none_or(|kind| kind == item.kind))
            .filter(|item| types.is_empty() || types.iter().any(|kind| kind == item.alarm_kind))
            .filter(|item| start.is_none_or(|start| item.at >= start) && end.is_none_or(|end| item.at <= end))
            .map(|item| {
                json!({
                    "AlarmName": item.alarm,
                    "AlarmType": item.alarm_kind,
                    "Timestamp": item.at.epoch_seconds(),
                    "HistoryItemType": item.kind,
                    "HistorySummary": item.summary,
                    "HistoryData": item.data,
                })
            })
            .collect()
    });
    if input.opt_str("ScanBy") == Some("TimestampAscending") {
        items.reverse();
    }
    let items = items.into_iter().enumerate().map(|(place, item)| (format!("{place:08}"), item)).collect();
    let (page, next) = values::page(input, items, 100)?;
    Ok(json!({ "AlarmHistoryItems": page, "NextToken": next }))
}

fn show(hub: &Hub, alarm: &Alarm) -> Value {
    let standing = &alarm.standing;
    let mut shown: Map<String, Value> = alarm.definition.shown.clone();
    let own = [
        ("AlarmArn", json!(notify::arn(hub, &alarm.definition.name))),
        ("AlarmConfigurationUpdatedTimestamp", json!(alarm.configured.epoch_seconds())),
        ("StateValue", json!(standing.state.as_str())),
        ("StateReason", json!(standing.reason)),
        ("StateUpdatedTimestamp", json!(standing.updated.epoch_seconds())),
        ("StateTransitionedTimestamp", json!(standing.since.epoch_seconds())),
    ];
    shown.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
    if let Some(data) = &standing.data {
        shown.insert("StateReasonData".to_owned(), json!(data));
    }
    Value::Object(shown)
}
