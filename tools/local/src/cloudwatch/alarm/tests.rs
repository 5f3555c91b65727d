//! Alarms over simulated hours.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use test_case::test_case;

use crate::core::{Simulation, Timestamp};

use super::super::store::{MetricKey, MetricStore, Sample};
use super::engine::Alarms;
use super::{Definition, State, Transition};

/// The start of the tests, which is a whole minute.
const START: Timestamp = Timestamp::from_millis(1_700_000_040_000);

/// Checks after every step that the newest transition in an alarm's history is to the state that it is in, and none is of the
/// future.
fn is_consistent(alarms: &Alarms, now: Timestamp) {
    for alarm in alarms.all() {
        let mut told =
            alarms.history().filter(|item| item.alarm == alarm.definition.name && item.kind == "StateUpdate");
        if let Some(newest) = told.next() {
            assert!(newest.at <= now, "a transition of the future");
            assert!(newest.summary.ends_with(alarm.standing.state.as_str()), "{}", newest.summary);
        }
    }
}

struct Run {
    simulation: Simulation<Alarms>,
    store: Arc<MetricStore>,
    transitions: Vec<(u64, Transition)>,
}

impl Run {
    fn new(definition: Value) -> Self {
        let store = Arc::new(MetricStore::default());
        let mut alarms = Alarms::new(Arc::clone(&store), "arn:aws:cloudwatch:us-east-1:000000000000:alarm:".to_owned());
        let (put, _) = alarms.put(Definition::metric(&definition.into()).unwrap(), START);
        put.unwrap();
        Self { simulation: Simulation::new(alarms, START).holding(is_consistent), store, transitions: Vec::new() }
    }

    fn key(name: &str) -> MetricKey {
        let dimensions = vec![("Resource".to_owned(), "api:live".to_owned())];
        MetricKey { namespace: "AWS/Lambda".to_owned(), name: name.to_owned(), dimensions }
    }

    fn put(&self, name: &str, second: u64, value: f64) {
        self.store.put(Self::key(name), "Count", START + Duration::from_secs(second), &Sample::Value(value, 1.0));
    }

    fn until(&mut self, second: u64) {
        let transitions = &mut self.transitions;
        self.simulation.run_until(START + Duration::from_secs(second), |transition, now| {
            transitions.push((now.since(START).as_secs(), transition));
            Vec::new()
        });
    }

    /// `(second, state)` of each transition.
    fn history(&self) -> Vec<(u64, State)> {
        self.transitions.iter().map(|(second, it)| (*second, it.alarm.standing.state)).collect()
    }
}

fn errors(overrides: Value) -> Value {
    let mut definition = json!({
        "AlarmName": "errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum",
        "Dimensions": [{ "Name": "Resource", "Value": "api:live" }], "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 5, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
    });
    definition.as_object_mut().unwrap().extend(overrides.as_object().unwrap().clone());
    definition
}

#[test]
fn an_alarm_goes_off_just_after_the_minute_that_breaches_and_recovers_after_a_quiet_one() {
    let mut run = Run::new(errors(json!({})));
    for second in 70..80 {
        run.put("Errors", second, 1.0);
    }
    run.until(3600);
    // The evaluation range reaches back two minutes further, and the last real datapoint decides for as long as it is
    // in it, as CloudWatch documents.
    assert_eq!(run.history(), [(5, State::Ok), (125, State::Alarm), (305, State::Ok)]);
    let (_, gone_off) = &run.transitions[1];
    assert_eq!(
        gone_off.alarm.standing.reason,
        "Threshold Crossed: 1 datapoint [10.0 (14/11/23 22:15:00)] was greater than or equal to the threshold (5.0)."
    );
    let data: Value = serde_json::from_str(gone_off.alarm.standing.data.as_deref().unwrap()).unwrap();
    assert_eq!(data["recentDatapoints"], json!([10.0]));
    assert_eq!(data["statistic"], "Sum");
}

#[test]
fn steady_traffic_recovers_an_alarm_with_the_first_good_minute() {
    let mut run = Run::new(errors(json!({})));
    for minute in 0..10 {
        run.put("Errors", minute * 60 + 30, if minute == 3 { 9.0 } else { 0.0 });
    }
    run.until(600);
    assert_eq!(run.history(), [(5, State::Ok), (245, State::Alarm), (305, State::Ok)]);
}

#[test]
fn two_of_three_need_two() {
    let mut run = Run::new(errors(json!({ "EvaluationPeriods": 3, "DatapointsToAlarm": 2 })));
    for (minute, value) in [9.0, 0.0, 0.0, 9.0, 0.0, 9.0, 0.0, 0.0].into_iter().enumerate() {
        run.put("Errors", minute as u64 * 60, value);
    }
    run.until(480);
    assert_eq!(run.history(), [(5, State::Ok), (365, State::Alarm), (425, State::Ok)]);
}

#[test_case("missing", &[(65, State::Alarm), (245, State::InsufficientData)])]
#[test_case("ignore", &[(65, State::Alarm)])]
#[test_case("breaching", &[(5, State::Alarm)])]
#[test_case("notBreaching", &[(5, State::Ok), (65, State::Alarm), (245, State::Ok)])]
fn a_metric_that_stops_is_treated_as_told(treatment: &str, expected: &[(u64, State)]) {
    let mut run = Run::new(errors(json!({ "TreatMissingData": treatment })));
    run.put("Errors", 10, 9.0);
    run.until(1200);
    assert_eq!(run.history(), expected);
}

#[test]
fn a_percentile_alarm_sees_the_slowest_hundredth() {
    let mut run = Run::new(json!({
        "AlarmName": "duration", "Namespace": "AWS/Lambda", "MetricName": "Duration", "ExtendedStatistic": "p99",
        "Dimensions": [{ "Name": "Resource", "Value": "api:live" }], "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 1000, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
    }));
    for request in 0..2000_u32 {
        let minute = u64::from(request / 1000);
        // In the first minute one request in a thousand is slow, in the second fifteen.
        let slow = if minute == 0 { request == 7 } else { request % 1000 < 15 };
        run.put("Duration", minute * 60 + u64::from(request % 60), if slow { 3000.0 } else { 20.0 });
    }
    run.until(180);
    assert_eq!(run.history(), [(5, State::Ok), (125, State::Alarm)]);
}

#[test]
fn an_error_rate_alarm_divides_metric_by_metric() {
    let stat = |id: &str, name: &str| {
        json!({ "Id": id, "ReturnData": false, "MetricStat": { "Period": 60, "Stat": "Sum", "Metric": {
            "Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": [{ "Name": "Resource", "Value": "api:live" }] } } })
    };
    let mut run = Run::new(json!({
        "AlarmName": "rate", "EvaluationPeriods": 1, "Threshold": 10, "TreatMissingData": "notBreaching",
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [stat("e", "Errors"), stat("i", "Invocations"), { "Id": "rate", "Expression": "e / i * 100" }],
    }));
    for (minute, errors) in [5.0, 11.0].into_iter().enumerate() {
        run.put("Invocations", minute as u64 * 60, 100.0);
        run.put("Errors", minute as u64 * 60, errors);
    }
    run.until(130);
    assert_eq!(run.history(), [(5, State::Ok), (125, State::Alarm)]);
}

#[test]
fn a_state_set_by_hand_holds_until_the_next_evaluation() {
    let mut run = Run::new(errors(json!({})));
    run.until(62);
    let now = run.simulation.now();
    let (set, transitions) = run.simulation.engine.set_state("errors", State::Alarm, "by hand".to_owned(), None, now);
    set.unwrap();
    assert_eq!(transitions.len(), 1);
    run.until(120);
    assert_eq!(run.history(), [(5, State::Ok), (65, State::Ok)]);
}

#[test]
fn a_composite_alarm_follows_its_children() {
    let mut run = Run::new(errors(json!({})));
    let rule = json!({ "AlarmName": "any", "AlarmRule": "ALARM(errors) OR ALARM(errors)" });
    let now = run.simulation.now();
    let (put, first) = run.simulation.engine.put(Definition::composite(&rule.into()).unwrap(), now);
    put.unwrap();
    assert_eq!(first[0].alarm.standing.state, State::Ok);
    run.put("Errors", 10, 9.0);
    run.until(70);
    let states: Vec<(&str, State)> =
        run.transitions.iter().map(|(_, it)| (it.alarm.definition.name.as_str(), it.alarm.standing.state)).collect();
    assert_eq!(states, [("errors", State::Ok), ("errors", State::Alarm), ("any", State::Alarm)]);

    let circle = json!({ "AlarmName": "any", "AlarmRule": "ALARM(any)" });
    assert!(run.simulation.engine.put(Definition::composite(&circle.into()).unwrap(), now).0.is_err());
}

#[test]
fn a_day_of_ten_alarms_is_evaluated_in_no_time() {
    let mut run = Run::new(errors(json!({})));
    for index in 0..9 {
        let definition = errors(json!({ "AlarmName": format!("errors-{index}") }));
        let now = run.simulation.now();
        run.simulation.engine.put(Definition::metric(&definition.into()).unwrap(), now).0.unwrap();
    }
    run.until(86_400);
    assert!(run.simulation.engine.all().all(|alarm| alarm.standing.state == State::Ok));
}

#[test_case(json!({ "Threshold": null }), "MissingParameter"; "no threshold")]
#[test_case(json!({ "DatapointsToAlarm": 2 }), "ValidationError"; "more datapoints than periods")]
#[test_case(json!({ "Period": 45 }), "ValidationError"; "an odd period")]
#[test_case(json!({ "AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"] }), "NotImplemented"; "an action of EC2")]
#[test_case(json!({ "TreatMissingData": "sometimes" }), "ValidationError"; "an unknown treatment")]
#[test_case(json!({ "Statistic": null, "ExtendedStatistic": "tm101" }), "InvalidParameterValue"; "an unknown statistic")]
fn a_definition_that_cannot_work_is_refused(overrides: Value, code: &str) {
    assert!(Definition::metric(&errors(overrides).into()).unwrap_err().is(code));
}
