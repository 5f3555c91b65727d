//! The service as a client meets it.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use test_case::test_case;
use tokio::sync::mpsc;

use super::service;
use crate::core::testing::{self, hub};
use crate::core::{Authority, AwsEvent, Hub, Issued, Question, Reply, Service, ServiceError};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:app";

/// EventBridge with functions that take everything; what they get comes out of the receiver.
fn events() -> (Arc<Hub>, Arc<dyn Service>, mpsc::UnboundedReceiver<Value>) {
    let hub = hub();
    let (lambda, payloads) = testing::functions();
    let events = service(&hub);
    testing::with(&hub, vec![lambda, Arc::clone(&events)]);
    (hub, events, payloads)
}

async fn ask(events: &Arc<dyn Service>, operation: &str, input: Value) -> Reply {
    testing::ask(events.as_ref(), operation, input).await
}

async fn done(events: &Arc<dyn Service>, operation: &str, input: Value) -> Value {
    ask(events, operation, input).await.unwrap()
}

async fn refused(events: &Arc<dyn Service>, operation: &str, input: Value) -> ServiceError {
    ask(events, operation, input).await.unwrap_err()
}

fn code(error: &ServiceError) -> (&str, &str) {
    (error.code.as_str(), error.message.as_str())
}

async fn rule(events: &Arc<dyn Service>, name: &str, more: Value) -> Value {
    let mut input = json!({ "Name": name, "EventPattern": "{\"source\":[\"app\"]}" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    done(events, "PutRule", input).await
}

async fn target(events: &Arc<dyn Service>, rule: &str, more: Value) -> Value {
    let mut target = json!({ "Id": "t", "Arn": FUNCTION });
    target.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    done(events, "PutTargets", json!({ "Rule": rule, "Targets": [target] })).await
}

fn entry(more: Value) -> Value {
    let mut entry = json!({ "Source": "app", "DetailType": "ordered", "Detail": "{\"n\":1}" });
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "Entries": [entry] })
}

#[tokio::test]
async fn an_event_reaches_the_target_whole() {
    let (_, events, mut payloads) = events();
    rule(&events, "r", json!({})).await;
    target(&events, "r", json!({})).await;
    let put = entry(json!({ "Time": 1_700_000_000.5, "Resources": ["arn:x"] }));
    let reply = done(&events, "PutEvents", put).await;
    assert_eq!(reply["FailedEntryCount"], 0);
    let event = payloads.recv().await.unwrap();
    assert_eq!(
        event,
        json!({
            "version": "0", "id": reply["Entries"][0]["EventId"], "detail-type": "ordered", "source": "app",
            "account": "000000000000", "time": "2023-11-14T22:13:20Z", "region": "us-east-1",
            "resources": ["arn:x"], "detail": { "n": 1 },
        })
    );
}

#[test_case(json!({"Source": ""}), "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."; "no source")]
#[test_case(json!({"DetailType": null}), "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."; "no type")]
#[test_case(json!({"Detail": null}), "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."; "no detail")]
#[test_case(json!({"Detail": "[1]"}), "MalformedDetail", "Detail is malformed."; "a list for detail")]
#[test_case(json!({"Detail": "{"}), "MalformedDetail", "Detail is malformed."; "no JSON")]
#[test_case(json!({"Source": "aws.ec2"}), "NotAuthorizedForSourceException", "Not authorized for the source."; "AWS's own source")]
#[tokio::test]
async fn a_wrong_entry_fails_by_itself(more: Value, code: &str, message: &str) {
    let (_, events, _) = events();
    let mut put = entry(more);
    put["Entries"].as_array_mut().unwrap().push(entry(json!({}))["Entries"][0].clone());
    let reply = done(&events, "PutEvents", put).await;
    assert_eq!(reply["FailedEntryCount"], 1);
    assert_eq!(reply["Entries"][0], json!({ "ErrorCode": code, "ErrorMessage": message }));
    assert!(reply["Entries"][1]["EventId"].is_string());
}

#[tokio::test]
async fn a_request_has_ten_entries_and_a_megabyte_at_the_most() {
    let (_, events, _) = events();
    let one = entry(json!({}))["Entries"][0].clone();
    let many = json!({ "Entries": vec![one; 11] });
    assert_eq!(refused(&events, "PutEvents", many).await.code, "ValidationException");
    let large = json!({ "a": "x".repeat(1024 * 1024) }).to_string();
    let error = refused(&events, "PutEvents", entry(json!({ "Detail": large }))).await;
    assert_eq!(code(&error), ("ValidationException", "Total size of the entries in the request is over the limit."));
    let error = refused(&events, "PutEvents", entry(json!({ "TraceHeader": "Root=1" }))).await;
    assert_eq!(error.code, "NotImplemented");
}

#[tokio::test]
async fn events_of_the_plane_come_by_their_own_door() {
    let (hub, events, mut payloads) = events();
    rule(&events, "r", json!({ "EventPattern": "{\"source\":[\"aws.ssm\"]}" })).await;
    target(&events, "r", json!({ "InputPath": "$.detail.x" })).await;
    let detail = json!({ "x": 7 });
    hub.publish(AwsEvent { source: "aws.ssm", detail_type: "t".into(), resources: vec![], detail }).await;
    assert_eq!(payloads.recv().await.unwrap(), 7);
    assert_eq!(refused(&events, "PutServiceEvents", json!({})).await.code, "UnknownOperationException");
}

#[tokio::test]
async fn a_rule_is_described_as_it_was_put_last() {
    let (_, events, _) = events();
    let all = json!({ "Description": "d", "RoleArn": "arn:aws:iam::000000000000:role/r", "State": "DISABLED" });
    let put = rule(&events, "r", all).await;
    assert_eq!(put["RuleArn"], "arn:aws:events:us-east-1:000000000000:rule/r");
    let described = done(&events, "DescribeRule", json!({ "Name": "r" })).await;
    assert_eq!(
        (&described["State"], &described["Description"], &described["EventBusName"], &described["CreatedBy"]),
        (&json!("DISABLED"), &json!("d"), &json!("default"), &json!("000000000000"))
    );
    rule(&events, "r", json!({})).await;
    let described = done(&events, "DescribeRule", json!({ "Name": "r" })).await;
    assert_eq!((&described["State"], &described["Description"]), (&json!("ENABLED"), &Value::Null));
    let error = refused(&events, "DescribeRule", json!({ "Name": "x" })).await;
    assert_eq!(code(&error), ("ResourceNotFoundException", "Rule x does not exist on EventBus default."));
}

#[test_case(json!({}), "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."; "neither")]
#[test_case(json!({"EventPattern": "{\"a\": 1}"}), "InvalidEventPatternException", "Event pattern is not valid. Reason: \"a\" must be an object or an array\n at [Source: (String)\"{\"a\": 1}\"; line: 1, column: 8]"; "a wrong pattern")]
#[test_case(json!({"ScheduleExpression": "rate(1 minutes)"}), "ValidationException", "Parameter ScheduleExpression is not valid."; "a wrong schedule")]
#[test_case(json!({"ScheduleExpression": "rate(1 minute)", "EventBusName": "own"}), "ValidationException", "ScheduleExpression is supported only on the default event bus."; "a schedule of another bus")]
#[test_case(json!({"EventPattern": "{\"a\": [1]}", "EventBusName": "none"}), "ResourceNotFoundException", "Event bus none does not exist."; "a bus that is not there")]
#[tokio::test]
async fn a_wrong_rule_is_refused(more: Value, error_code: &str, message: &str) {
    let (_, events, _) = events();
    done(&events, "CreateEventBus", json!({ "Name": "own" })).await;
    let mut input = json!({ "Name": "r" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let error = refused(&events, "PutRule", input).await;
    assert_eq!(code(&error), (error_code, message));
}

#[tokio::test]
async fn a_bus_has_three_hundred_rules() {
    let (_, events, _) = events();
    for n in 0..300 {
        rule(&events, &format!("r{n:03}"), json!({})).await;
    }
    let more = json!({ "Name": "more", "EventPattern": "{\"a\":[1]}" });
    assert_eq!(refused(&events, "PutRule", more).await.code, "LimitExceededException");
    rule(&events, "r000", json!({})).await;
    let first = done(&events, "ListRules", json!({ "NamePrefix": "r2", "Limit": 60 })).await;
    let next = json!({ "NamePrefix": "r2", "Limit": 60, "NextToken": first["NextToken"] });
    let rest = done(&events, "ListRules", next).await;
    assert_eq!((first["Rules"].as_array().unwrap().len(), rest["Rules"].as_array().unwrap().len()), (60, 40));
    assert_eq!(rest["Rules"][0]["Name"], "r260");
}

#[tokio::test]
async fn a_rule_goes_without_targets_only() {
    let (_, events, _) = events();
    rule(&events, "r", json!({})).await;
    target(&events, "r", json!({})).await;
    let error = refused(&events, "DeleteRule", json!({ "Name": "r" })).await;
    assert_eq!(code(&error), ("ValidationException", "Rule can't be deleted since it has targets."));
    let names = done(&events, "ListRuleNamesByTarget", json!({ "TargetArn": FUNCTION })).await;
    assert_eq!(names["RuleNames"], json!(["r"]));
    let removed = done(&events, "RemoveTargets", json!({ "Rule": "r", "Ids": ["t", "u"] })).await;
    assert_eq!(removed["FailedEntries"][0]["TargetId"], "u");
    done(&events, "DeleteRule", json!({ "Name": "r" })).await;
    done(&events, "DeleteRule", json!({ "Name": "r" })).await;
}

/// Lets everybody do everything and remembers who asked for what.
#[derive(Default)]
struct Everybody(Mutex<Vec<(String, Vec<String>)>>);

impl Authority for Everybody {
    fn issued(&self, _: &str) -> Option<Issued> {
        None
    }

    fn decide(&self, question: &Question<'_>) -> Result<(), ServiceError> {
        self.0.lock().unwrap().push((question.action.to_owned(), question.resources.to_vec()));
        Ok(())
    }
}

#[tokio::test]
async fn who_hands_a_role_to_a_target_has_to_be_allowed_to_pass_it() {
    let (hub, events, _) = events();
    rule(&events, "r", json!({})).await;
    let authority = Arc::new(Everybody::default());
    hub.set_authority(Arc::clone(&authority) as Arc<dyn Authority>);
    let (arn, role) = ("arn:aws:codepipeline:us-east-1:000000000000:p", "arn:aws:iam::000000000000:role/push");
    target(&events, "r", json!({ "Arn": arn, "RoleArn": role })).await;
    let rule = "arn:aws:events:us-east-1:000000000000:rule/r";
    let expected = [("iam:PassRole", role), ("events:PutTargets", rule)]
        .map(|(action, resource)| (action.to_owned(), vec![resource.to_owned()]));
    assert_eq!(authority.0.lock().unwrap().as_slice(), expected);
}

#[tokio::test]
async fn a_rule_has_five_targets() {
    let (_, events, _) = events();
    rule(&events, "r", json!({})).await;
    let targets = |from: usize, to: usize| -> Value {
        (from..to).map(|n| json!({ "Id": format!("t{n}"), "Arn": FUNCTION })).collect()
    };
    let reply = done(&events, "PutTargets", json!({ "Rule": "r", "Targets": targets(0, 5) })).await;
    assert_eq!(reply, json!({ "FailedEntryCount": 0, "FailedEntries": [] }));
    let error = refused(&events, "PutTargets", json!({ "Rule": "r", "Targets": targets(5, 6) })).await;
    assert_eq!(code(&error), ("LimitExceededException", "The requested resource exceeds the maximum number allowed."));
    done(&events, "PutTargets", json!({ "Rule": "r", "Targets": targets(0, 5) })).await;
    let listed = done(&events, "ListTargetsByRule", json!({ "Rule": "r", "Limit": 3 })).await;
    assert_eq!(listed["Targets"].as_array().unwrap().len(), 3);
}

#[test_case(json!({"Arn": "app"}), "ValidationException", "Parameter app is not valid. Reason: Provided Arn is not in correct format."; "no ARN")]
#[test_case(json!({"Arn": "arn:aws:codebuild:us-east-1:000000000000:project/p"}), "ValidationException", "RoleArn is required for target arn:aws:codebuild:us-east-1:000000000000:project/p."; "without a role")]
#[test_case(json!({"Input": "{}", "InputPath": "$"}), "ValidationException", "Only one of Input, InputPath, or InputTransformer must be provided for target t."; "two inputs")]
#[test_case(json!({"Id": "!"}), "ValidationException", "1 validation error detected: Value '!' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"; "a wrong id")]
#[tokio::test]
async fn a_wrong_target_is_refused(more: Value, error_code: &str, message: &str) {
    let (_, events, _) = events();
    rule(&events, "r", json!({})).await;
    let mut target = json!({ "Id": "t", "Arn": FUNCTION });
    target.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let error = refused(&events, "PutTargets", json!({ "Rule": "r", "Targets": [target] })).await;
    assert_eq!(code(&error), (error_code, message));
}

#[test_case(json!({"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}}), "DeadLetterConfig"; "a queue for what fails")]
#[test_case(json!({"HttpParameters": {"PathParameterValues": ["x"]}}), "HttpParameters"; "an API")]
#[test_case(json!({"EcsParameters": {"TaskDefinitionArn": "arn:x"}}), "EcsParameters"; "a task")]
#[test_case(json!({"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}), "a target of sqs"; "a queue")]
#[tokio::test]
async fn what_is_not_run_is_named(more: Value, named: &str) {
    let (_, events, _) = events();
    rule(&events, "r", json!({})).await;
    let mut target = json!({ "Id": "t", "Arn": FUNCTION });
    target.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let error = refused(&events, "PutTargets", json!({ "Rule": "r", "Targets": [target] })).await;
    assert!(error.is("NotImplemented") && error.message.contains(named), "{error}");
}

#[test_case(json!([{ "Id": "a", "Arn": QUEUE }, { "Id": "b", "Arn": "app" }]), "Parameter app is not valid. Reason: Provided Arn is not in correct format."; "another target's ARN")]
#[test_case(json!([{ "Id": "a", "Arn": QUEUE, "InputTransformer": { "InputTemplate": "\"<x>\"" } }]), "InputTemplate for target a contains invalid placeholder x."; "its template")]
#[tokio::test]
async fn what_aws_refuses_is_told_before_what_is_not_run(targets: Value, message: &str) {
    let (_, events, _) = events();
    rule(&events, "r", json!({})).await;
    let error = refused(&events, "PutTargets", json!({ "Rule": "r", "Targets": targets })).await;
    assert_eq!(code(&error), ("ValidationException", message));
}

#[tokio::test]
async fn a_bus_of_its_own_has_its_own_rules_and_events() {
    let (_, events, mut payloads) = events();
    let created = done(&events, "CreateEventBus", json!({ "Name": "own", "Description": "d" })).await;
    let arn = "arn:aws:events:us-east-1:000000000000:event-bus/own";
    assert_eq!(created, json!({ "EventBusArn": arn, "Description": "d" }));
    let again = refused(&events, "CreateEventBus", json!({ "Name": "own" })).await;
    assert_eq!(code(&again), ("ResourceAlreadyExistsException", "Event bus own already exists."));
    let put = rule(&events, "r", json!({ "EventBusName": arn })).await;
    assert_eq!(put["RuleArn"], "arn:aws:events:us-east-1:000000000000:rule/own/r");
    let targets = json!({ "Rule": "r", "EventBusName": "own", "Targets": [{ "Id": "t", "Arn": FUNCTION }] });
    done(&events, "PutTargets", targets).await;
    for bus in ["default", "none", arn] {
        let detail = json!({ "bus": bus }).to_string();
        let reply = done(&events, "PutEvents", entry(json!({ "EventBusName": bus, "Detail": detail }))).await;
        assert_eq!(reply["FailedEntryCount"], 0);
    }
    assert_eq!(payloads.recv().await.unwrap()["detail"]["bus"], arn);
    let rules = refused(&events, "DeleteEventBus", json!({ "Name": "own" })).await;
    assert_eq!(rules.code, "ValidationException");
    done(&events, "RemoveTargets", json!({ "Rule": "r", "EventBusName": "own", "Ids": ["t"] })).await;
    done(&events, "DeleteRule", json!({ "Name": "r", "EventBusName": "own" })).await;
    done(&events, "DeleteEventBus", json!({ "Name": "own" })).await;
    let gone = refused(&events, "DescribeEventBus", json!({ "Name": "own" })).await;
    assert_eq!(code(&gone), ("ResourceNotFoundException", "Event bus own does not exist."));
    let default = refused(&events, "DeleteEventBus", json!({ "Name": "default" })).await;
    assert_eq!(code(&default), ("ValidationException", "Cannot delete event bus default."));
}

#[tokio::test]
async fn permissions_are_statements_of_the_buses_policy() {
    let (_, events, _) = events();
    let put = json!({ "Action": "events:PutEvents", "Principal": "111111111111", "StatementId": "them" });
    done(&events, "PutPermission", put).await;
    let arn = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    let policy: Value = serde_json::from_str(&events.resource_policy(arn).unwrap()).unwrap();
    assert_eq!(
        policy["Statement"],
        json!([{
            "Sid": "them", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
            "Action": "events:PutEvents", "Resource": arn,
        }])
    );
    let unknown = refused(&events, "RemovePermission", json!({ "StatementId": "x" })).await;
    assert_eq!(code(&unknown), ("ResourceNotFoundException", "Statement with the provided id does not exist."));
    done(&events, "RemovePermission", json!({ "StatementId": "them" })).await;
    assert_eq!(events.resource_policy(arn), None);
    let action = json!({ "Action": "events:Other", "Principal": "*", "StatementId": "s" });
    assert_eq!(refused(&events, "PutPermission", action).await.code, "ValidationException");
}

#[tokio::test]
async fn tags_are_of_rules_and_buses_that_are_there() {
    let (_, events, _) = events();
    let tags = json!([{ "Key": "a", "Value": "1" }]);
    let arn = rule(&events, "r", json!({ "Tags": tags })).await["RuleArn"].clone();
    // Tags of a rule that is there already are another operation's.
    rule(&events, "r", json!({ "Tags": [{ "Key": "b", "Value": "2" }] })).await;
    assert_eq!(done(&events, "ListTagsForResource", json!({ "ResourceARN": arn })).await["Tags"], tags);
    done(&events, "UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["a", "none"] })).await;
    assert_eq!(done(&events, "ListTagsForResource", json!({ "ResourceARN": arn })).await["Tags"], json!([]));
    let bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    done(&events, "TagResource", json!({ "ResourceARN": bus, "Tags": tags })).await;
    assert_eq!(done(&events, "ListTagsForResource", json!({ "ResourceARN": bus })).await["Tags"], tags);
    for (arn, message) in [
        ("arn:aws:events:us-east-1:000000000000:rule/x", "Rule x does not exist on EventBus default."),
        ("arn:aws:events:us-east-1:000000000000:rule/b/x", "Rule x does not exist on EventBus b."),
        ("arn:aws:events:us-east-1:000000000000:event-bus/x", "Event bus x does not exist."),
    ] {
        let error = refused(&events, "ListTagsForResource", json!({ "ResourceARN": arn })).await;
        assert_eq!(code(&error), ("ResourceNotFoundException", message));
    }
}

#[tokio::test]
async fn a_rule_hears_of_calls_that_only_read_when_it_asks_to() {
    let (hub, events, mut payloads) = events();
    let pattern = json!({ "detail-type": ["AWS API Call via CloudTrail"] }).to_string();
    for (name, state) in [("some", "ENABLED"), ("all", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")] {
        rule(&events, name, json!({ "EventPattern": pattern, "State": state })).await;
        let input = json!({ "Input": json!({ "rule": name }).to_string() });
        target(&events, name, input).await;
    }
    for reads in [true, false] {
        let event = AwsEvent {
            source: "aws.s3",
            detail_type: "AWS API Call via CloudTrail".into(),
            resources: vec![],
            detail: json!({ "readOnly": reads }),
        };
        hub.publish(event).await;
    }
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(payloads.recv().await.unwrap()["rule"].as_str().unwrap().to_owned());
    }
    heard.sort();
    assert_eq!(heard, ["all", "all", "some"]);
}

#[tokio::test]
async fn a_pattern_is_tried_on_whole_events_only() {
    let (_, events, _) = events();
    let event = json!({
        "id": "1", "account": "0", "source": "app", "time": "2023-11-14T22:13:20Z", "region": "r",
        "resources": [], "detail-type": "t", "detail": { "result": { "code": 1 } },
    });
    let test = |wanted: bool, event: &Value| {
        let pattern = json!({ "detail": { "result": [{ "exists": wanted }] } });
        json!({ "EventPattern": pattern.to_string(), "Event": event.to_string() })
    };
    assert_eq!(done(&events, "TestEventPattern", test(true, &event)).await["Result"], false);
    assert_eq!(done(&events, "TestEventPattern", test(false, &event)).await["Result"], true);
    for wrong in [json!({ "detail": {} }), json!([]), json!("text")] {
        let error = refused(&events, "TestEventPattern", test(true, &wrong)).await;
        assert_eq!(code(&error), ("ValidationException", "Parameter Event is not valid."));
    }
}
