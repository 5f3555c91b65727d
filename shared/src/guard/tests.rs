//! Guards of small templates.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_case::test_case;

use super::*;

pub(super) fn wishes() -> Guard {
    Guard {
        alias: "live".to_owned(),
        preference: "Canary10Percent10Minutes".to_owned(),
        pre_traffic: Some("CodeDeployHook_slipway_pre-traffic".to_owned()),
        post_traffic: Some("CodeDeployHook_slipway_post-traffic".to_owned()),
        alarms: AlarmKit::default(),
        own_preference: OwnPreference::Nothing,
        parameters: BTreeMap::new(),
    }
}

fn orders(properties: Value) -> Value {
    json!({ "Resources": { "Orders": { "Type": "AWS::Serverless::Function", "Properties": properties } } })
}

fn guarded(template: &Value) -> Guarded {
    guard(template, ["Orders"], &wishes()).unwrap()
}

#[test]
fn a_function_gets_an_alias_a_preference_hooks_and_alarms() {
    let Guarded { template, remarks } = guarded(&orders(json!({ "Handler": "app.handler", "Timeout": 10 })));
    let properties = &template["Resources"]["Orders"]["Properties"];
    assert_eq!(properties["AutoPublishAlias"], "live");
    assert_eq!(
        properties["DeploymentPreference"],
        json!({
            "Type": "Canary10Percent10Minutes",
            "Alarms": [{ "Ref": "OrdersTargetErrorsAlarm" }, { "Ref": "OrdersTargetDurationAlarm" }],
            "Hooks": {
                "PreTraffic": "CodeDeployHook_slipway_pre-traffic",
                "PostTraffic": "CodeDeployHook_slipway_post-traffic",
            },
        })
    );
    let alarms: Vec<&String> = template["Resources"].as_object().unwrap().keys().filter(|id| *id != "Orders").collect();
    let mut expected =
        ["OrdersAliasErrorsAlarm", "OrdersTargetDurationAlarm", "OrdersTargetErrorsAlarm", "OrdersThrottlesAlarm"];
    expected.sort_unstable();
    let mut alarms = alarms;
    alarms.sort_unstable();
    assert_eq!(alarms, expected);
    assert_eq!(template["Resources"]["OrdersTargetDurationAlarm"]["Properties"]["Threshold"], 8000.0);
    assert_eq!(remarks, []);
}

/// The current version's errors are no reason to stop the release that mends them.
#[test]
fn the_alarms_that_a_deployment_reads_see_the_target_version_alone() {
    let Guarded { template, .. } = guarded(&orders(json!({})));
    let resources = template["Resources"].as_object().unwrap();
    let read = &template["Resources"]["Orders"]["Properties"]["DeploymentPreference"]["Alarms"];
    for (logical_id, alarm) in resources.iter().filter(|(id, _)| *id != "Orders") {
        let properties = &alarm["Properties"];
        let metrics: Vec<&Value> = match &properties["Metrics"] {
            Value::Array(queries) => queries.iter().filter_map(|query| query.pointer("/MetricStat/Metric")).collect(),
            _ => vec![properties],
        };
        let is_read = read.as_array().unwrap().contains(&json!({ "Ref": logical_id }));
        assert!(!metrics.is_empty());
        for metric in metrics {
            let version =
                json!({ "Name": "ExecutedVersion", "Value": { "Fn::GetAtt": ["Orders.Version", "Version"] } });
            assert_eq!(metric["Dimensions"].as_array().unwrap().contains(&version), is_read, "{logical_id}");
            assert_eq!(metric["Dimensions"][1]["Value"], json!({ "Fn::Sub": "${Orders}:live" }));
        }
    }
}

#[test]
fn one_bad_minute_is_no_alarm_and_a_quiet_one_is_none() {
    let Guarded { template, .. } = guarded(&orders(json!({})));
    let alarm = &template["Resources"]["OrdersTargetErrorsAlarm"]["Properties"];
    assert_eq!((&alarm["DatapointsToAlarm"], &alarm["EvaluationPeriods"]), (&json!(2), &json!(3)));
    assert_eq!(alarm["TreatMissingData"], "notBreaching");
    assert_eq!(alarm["Metrics"][0]["Expression"], "100 * errors / invocations");
}

#[test]
fn a_function_that_is_guarded_already_is_left_alone() {
    let own = orders(json!({ "AutoPublishAlias": "prod", "DeploymentPreference": { "Type": "AllAtOnce" } }));
    assert_eq!(guarded(&own), Guarded { template: own, remarks: vec![Remark::Own { function: "Orders".to_owned() }] });
    let mut globally = orders(json!({}));
    globally["Globals"] = json!({ "Function": { "DeploymentPreference": { "Enabled": false } } });
    assert_eq!(guarded(&globally).template, globally);
}

fn with_alarms(template: &Value) -> Result<Guarded, Vec<GuardFault>> {
    guard(template, ["Orders"], &Guard { own_preference: OwnPreference::Alarms, ..wishes() })
}

#[test]
fn a_preference_of_the_template_gets_the_alarms_where_they_are_wished_for_and_nothing_else() {
    let preference = json!({ "Type": "AllAtOnce", "Alarms": [{ "Ref": "Own" }], "Hooks": { "PreTraffic": "mine" } });
    let own = orders(json!({ "AutoPublishAlias": "prod", "DeploymentPreference": preference }));
    let Guarded { template, remarks } = with_alarms(&own).unwrap();
    let shown = &template["Resources"]["Orders"]["Properties"]["DeploymentPreference"];
    let read = json!([{ "Ref": "Own" }, { "Ref": "OrdersTargetErrorsAlarm" }, { "Ref": "OrdersTargetDurationAlarm" }]);
    assert_eq!(*shown, json!({ "Type": "AllAtOnce", "Alarms": read, "Hooks": { "PreTraffic": "mine" } }));
    assert_eq!(template["Resources"].as_object().unwrap().len(), 5);
    assert_eq!(remarks, [Remark::OwnPreference { function: "Orders".to_owned() }]);
}

#[test]
fn a_preference_of_globals_is_completed_at_the_function() {
    let mut own = orders(json!({ "AutoPublishAlias": "prod" }));
    own["Globals"] = json!({ "Function": { "DeploymentPreference": { "Type": "AllAtOnce", "Alarms": ["own"] } } });
    let Guarded { template, .. } = with_alarms(&own).unwrap();
    let read = json!([{ "Ref": "OrdersTargetErrorsAlarm" }, { "Ref": "OrdersTargetDurationAlarm" }]);
    assert_eq!(template["Resources"]["Orders"]["Properties"]["DeploymentPreference"], json!({ "Alarms": read }));
    assert_eq!(template["Globals"], own["Globals"]);
}

#[test_case(json!({ "Enabled": false, "Type": "AllAtOnce" }) => Ok(vec![Remark::Own { function: "Orders".to_owned() }]); "one that shifts nothing")]
#[test_case(json!({ "Enabled": { "Ref": "On" }, "Type": "AllAtOnce" }) => Err(vec![GuardFault::Preference { function: "Orders".to_owned() }]); "one that may shift nothing")]
#[test_case(json!({ "Type": "AllAtOnce", "Alarms": { "Fn::If": ["A", [], []] } }) => Err(vec![GuardFault::Preference { function: "Orders".to_owned() }]); "alarms under a condition")]
fn alarms_are_not_put_into(preference: Value) -> Result<Vec<Remark>, Vec<GuardFault>> {
    let own = orders(json!({ "AutoPublishAlias": "prod", "DeploymentPreference": preference }));
    let guarded = with_alarms(&own)?;
    assert_eq!(guarded.template, own);
    Ok(guarded.remarks)
}

#[test]
fn guarding_twice_adds_nothing() {
    let once = guarded(&orders(json!({}))).template;
    assert_eq!(guarded(&once).template, once);
}

#[test_case(json!("prod"), json!({ "Fn::Sub": "${Orders}:prod" }) ; "a name")]
#[test_case(json!({ "Ref": "Alias" }), json!({ "Fn::Sub": ["${Orders}:${Alias}", { "Alias": { "Ref": "Alias" } }] }) ; "a parameter")]
fn an_alias_of_the_template_is_kept(alias: Value, resource: Value) {
    let Guarded { template, .. } = guarded(&orders(json!({ "AutoPublishAlias": alias })));
    assert_eq!(template["Resources"]["Orders"]["Properties"]["AutoPublishAlias"], alias);
    let dimensions = &template["Resources"]["OrdersThrottlesAlarm"]["Properties"]["Dimensions"];
    assert_eq!(dimensions[1]["Value"], resource);
}

#[test]
fn the_guard_of_a_conditional_function_has_its_condition() {
    let mut template = orders(json!({}));
    template["Resources"]["Orders"]["Condition"] = json!("InProduction");
    let Guarded { template, .. } = guarded(&template);
    assert_eq!(template["Resources"]["OrdersTargetErrorsAlarm"]["Condition"], "InProduction");
    let preference = &template["Resources"]["Orders"]["Properties"]["DeploymentPreference"];
    assert_eq!(preference["PassthroughCondition"], true);
}

#[test_case("AWS::Lambda::EventSourceMapping", json!({ "FunctionName": { "Ref": "Orders" } }) ; "a queue")]
#[test_case("AWS::Lambda::EventSourceMapping", json!({ "FunctionName": { "Fn::GetAtt": "Orders.Arn" } }) ; "an attribute as text")]
#[test_case("AWS::Events::Rule", json!({ "Targets": [{ "Id": "a", "Arn": { "Fn::GetAtt": ["Orders", "Arn"] } }] }) ; "a rule")]
#[test_case("AWS::ApiGatewayV2::Integration", json!({ "IntegrationUri": { "Fn::If": ["A", { "Fn::GetAtt": ["Orders", "Arn"] }, ""] } }) ; "within a condition")]
#[test_case("AWS::ApiGateway::Method", json!({ "Integration": { "Uri": { "Fn::Sub": "x/${Orders.Arn}/invocations" } } }) ; "within text")]
#[test_case("AWS::Serverless::HttpApi", json!({ "DefinitionBody": { "paths": { "/": { "uri": { "Fn::Sub": ["${Orders.Arn}", {}] } } } } }) ; "within a document")]
fn events_follow_the_alias(kind: &str, properties: Value) {
    let mut template = orders(json!({}));
    template["Resources"]["Source"] = json!({ "Type": kind, "Properties": properties });
    let Guarded { template, remarks } = guarded(&template);
    let source = template["Resources"]["Source"].to_string();
    assert!(source.contains(r#"{"Ref":"Orders.Alias"}"#) || source.contains("${Orders.Alias}"), "{source}");
    assert!(!source.contains("Orders.Arn"), "{source}");
    assert_eq!(remarks, []);
}

#[test]
fn a_call_that_passes_the_alias_by_is_told() {
    let mut template = orders(json!({}));
    let environment = json!({ "Variables": { "ORDERS": { "Ref": "Orders" }, "OTHER": { "Ref": "Other" } } });
    template["Resources"]["Caller"] =
        json!({ "Type": "AWS::Serverless::Function", "Properties": { "Environment": environment } });
    let Guarded { template: after, remarks } = guarded(&template);
    assert_eq!(after["Resources"]["Caller"], template["Resources"]["Caller"]);
    let pointer = "/Resources/Caller/Properties/Environment/Variables/ORDERS".to_owned();
    assert_eq!(remarks, [Remark::Unguarded { function: "Orders".to_owned(), pointer }]);
}

#[test]
fn every_function_that_cannot_be_guarded_is_told() {
    let mut template = orders(json!({ "Timeout": { "Ref": "Seconds" } }));
    let resources = &mut template["Resources"];
    resources["Topic"] = json!({ "Type": "AWS::SNS::Topic" });
    resources["Full"] = json!({ "Type": "AWS::Serverless::Function" });
    resources["FullThrottlesAlarm"] = json!({ "Type": "AWS::CloudWatch::Alarm" });
    let faults = guard(&template, ["Orders", "Topic", "Full", "None"], &wishes()).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the Timeout of Orders is no number: say the alarm's p99 milliseconds in the guard",
            "Topic is AWS::SNS::Topic, and only AWS::Serverless::Function and AWS::Lambda::Function can be guarded",
            "the guard of Full adds FullThrottlesAlarm, and the template has a resource of that name",
            "the template has no resource None",
        ]
    );
}

#[test]
fn a_threshold_that_is_said_needs_no_time_limit() {
    let mut wishes = wishes();
    wishes.alarms.p99_milliseconds = Some(250.0);
    let template = guard(&orders(json!({ "Timeout": { "Ref": "Seconds" } })), ["Orders"], &wishes).unwrap().template;
    assert_eq!(template["Resources"]["OrdersTargetDurationAlarm"]["Properties"]["Threshold"], 250.0);
}
