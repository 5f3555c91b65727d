//! Tests of the events that are looked up and delivered, and of their receivers.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::core::testing::{Fake, Objects, ask, hub, hub_at};
use crate::core::{Caller, ObjectStore, Principal, Request, Session};

async fn called(hub: &Arc<Hub>, caller: Caller, operation: &str, input: Value) {
    let trail = hub.trail().unwrap();
    let reply = Ok(json!({ "StackId": "id" }));
    trail.record(&Call { caller: &caller, service: "cloudformation", operation, input: &input, reply: &reply });
}

fn session() -> Caller {
    let session = Session {
        role: "arn:aws:iam::000000000000:role/path/deployer".to_owned(),
        role_id: "AROAX".to_owned(),
        name: "release".to_owned(),
        policies: Vec::new(),
        tags: Vec::new(),
        transitive: Vec::new(),
    };
    Principal::Session(Arc::new(session)).into()
}

fn with_name(events: &Value) -> Vec<&str> {
    events["Events"].as_array().unwrap().iter().map(|event| event["EventName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_was_done_is_looked_up_newest_first_page_by_page() {
    let hub = hub();
    let service = service(&hub);
    called(&hub, Caller::root(), "CreateStack", json!({ "StackName": "app" })).await;
    called(&hub, session(), "UpdateStack", json!({ "StackName": "app" })).await;
    called(&hub, session(), "DescribeStacks", json!({})).await;
    let lookup = |input| ask(service.as_ref(), "LookupEvents", input);
    let by_name =
        json!({ "LookupAttributes": [{ "AttributeKey": "ResourceName", "AttributeValue": "app" }], "MaxResults": 1 });
    let first = lookup(by_name.clone()).await.unwrap();
    let mut next = by_name;
    next["NextToken"] = first["NextToken"].clone();
    let second = lookup(next).await.unwrap();
    let mut names = with_name(&first);
    names.extend(with_name(&second));
    names.sort_unstable();
    assert_eq!(names, ["CreateStack", "UpdateStack"]);
    let by_user = json!({ "LookupAttributes": [{ "AttributeKey": "Username", "AttributeValue": "release" }] });
    let done = lookup(by_user).await.unwrap();
    let record: Value = serde_json::from_str(done["Events"][0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["userIdentity"]["arn"], "arn:aws:sts::000000000000:assumed-role/deployer/release");
    assert_eq!(record["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "deployer");
}

#[tokio::test]
async fn secrets_and_code_are_left_out_and_lambdas_events_carry_the_date() {
    let hub = hub();
    let service = service(&hub);
    let input = json!({ "FunctionName": "f", "Environment": { "Variables": { "KEY": "secret" } }, "Code": { "ZipFile": "UEs=" } });
    let (caller, reply) = (Caller::root(), Ok(Value::Null));
    let call = Call { caller: &caller, service: "lambda", operation: "CreateFunction", input: &input, reply: &reply };
    hub.trail().unwrap().record(&call);
    let found = ask(service.as_ref(), "LookupEvents", json!({})).await.unwrap();
    assert_eq!(with_name(&found), ["CreateFunction20150331"]);
    let text = found.to_string();
    assert!(!text.contains("secret") && !text.contains("UEs="), "{text}");
}

#[tokio::test]
async fn rules_hear_of_changes_while_a_trail_logs() {
    let hub = hub();
    let events = Fake::new("events", |_, _| Ok(json!({ "FailedEntryCount": 0, "Entries": [] })));
    let objects = Arc::new(Objects::default());
    objects.create_bucket("logs").await.unwrap();
    let service = service(&hub);
    hub.register(vec![Arc::clone(&events) as Arc<dyn Service>, Arc::clone(&service)], objects);
    called(&hub, Caller::root(), "CreateStack", json!({ "StackName": "unheard" })).await;
    let missing = ask(service.as_ref(), "CreateTrail", json!({ "Name": "all", "S3BucketName": "none" })).await;
    assert!(missing.unwrap_err().is("S3BucketDoesNotExistException"));
    ask(service.as_ref(), "CreateTrail", json!({ "Name": "all", "S3BucketName": "logs" })).await.unwrap();
    ask(service.as_ref(), "StartLogging", json!({ "Name": "all" })).await.unwrap();
    called(&hub, Caller::root(), "CreateStack", json!({ "StackName": "heard" })).await;
    called(&hub, Caller::root(), "DescribeStacks", json!({})).await;
    while events.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    let heard = events.inputs("PutServiceEvents");
    let entry =
        heard.iter().map(|input| &input["Entries"][0]).find(|entry| entry["Source"] == "aws.cloudformation").unwrap();
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&detail["eventName"], &detail["requestParameters"]["stackName"]),
        (&json!("CreateStack"), &json!("heard"))
    );
}

#[tokio::test(start_paused = true)]
async fn log_files_come_into_the_bucket_within_minutes() {
    let hub = hub_at(1.0);
    let objects = Arc::new(Objects::default());
    objects.create_bucket("logs").await.unwrap();
    let events = Fake::new("events", |_, _| Ok(Value::Null));
    let service = service(&hub);
    hub.register(vec![events, Arc::clone(&service)], Arc::clone(&objects) as Arc<dyn ObjectStore>);
    ask(service.as_ref(), "CreateTrail", json!({ "Name": "all", "S3BucketName": "logs", "S3KeyPrefix": "p" }))
        .await
        .unwrap();
    ask(service.as_ref(), "StartLogging", json!({ "Name": "all" })).await.unwrap();
    called(&hub, Caller::root(), "CreateStack", json!({ "StackName": "app" })).await;
    hub.clock.sleep(std::time::Duration::from_secs(301)).await;
    let keys = objects.keys("logs");
    assert!(keys.len() == 1 && keys[0].starts_with("p/AWSLogs/000000000000/CloudTrail/us-east-1/"), "{keys:?}");
    let status = ask(service.as_ref(), "GetTrailStatus", json!({ "Name": "all" })).await.unwrap();
    assert!(status["LatestDeliveryTime"].is_number(), "{status}");
}

#[tokio::test]
async fn names_that_aws_refuses_are_refused() {
    let hub = hub();
    let service = service(&hub);
    for name in ["ab", "-abc", "abc-", "a..b", "a b c", &"x".repeat(129)] {
        let refused =
            ask(service.as_ref(), "CreateTrail", json!({ "Name": name, "S3BucketName": "b" })).await.unwrap_err();
        assert_eq!(refused.code, "InvalidTrailNameException", "{name}");
    }
    let unknown = async |operation| {
        let request = Request::from_wire(operation, json!({ "Name": "none" }), Caller::root());
        let error = service.call(request).await.unwrap_err();
        (error.code, error.message)
    };
    let code = "TrailNotFoundException".to_owned();
    assert_eq!(unknown("GetTrail").await, (code.clone(), "Unknown trail: none for the user: 000000000000".to_owned()));
    let arn = "arn:aws:cloudtrail:us-east-1:000000000000:trail/none";
    assert_eq!(unknown("GetTrailStatus").await, (code, format!("Unknown trail: {arn} for the user: 000000000000")));
    let both =
        json!({ "Name": "all", "S3BucketName": "b", "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": false });
    let error = ask(service.as_ref(), "CreateTrail", both).await.unwrap_err();
    assert_eq!(error.code, "InvalidParameterCombinationException");
}

#[tokio::test(start_paused = true)]
async fn data_events_are_delivered_where_a_trail_selects_them() {
    let hub = hub_at(1.0);
    let objects = Arc::new(Objects::default());
    objects.create_bucket("logs").await.unwrap();
    let service = service(&hub);
    let events = Fake::new("events", |_, _| Ok(Value::Null));
    hub.register(vec![events, Arc::clone(&service)], Arc::clone(&objects) as Arc<dyn ObjectStore>);
    let done = |operation, input| ask(service.as_ref(), operation, input);
    done("CreateTrail", json!({ "Name": "all", "S3BucketName": "logs" })).await.unwrap();
    done("StartLogging", json!({ "Name": "all" })).await.unwrap();
    let usual = done("GetEventSelectors", json!({ "TrailName": "all" })).await.unwrap();
    assert_eq!(usual["EventSelectors"][0]["IncludeManagementEvents"], true);
    let selector = json!({ "ReadWriteType": "WriteOnly", "IncludeManagementEvents": false,
        "DataResources": [{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::files/a/"] }] });
    done("PutEventSelectors", json!({ "TrailName": "all", "EventSelectors": [selector] })).await.unwrap();
    let on_object = |operation, key: &str| {
        let (input, reply, caller) = (json!({ "bucketName": "files", "key": key }), Ok(json!({})), Caller::root());
        hub.trail().unwrap().record(&Call { caller: &caller, service: "s3", operation, input: &input, reply: &reply });
    };
    for (operation, key) in [("PutObject", "a/1"), ("PutObject", "b/1"), ("GetObject", "a/1"), ("CreateBucket", "a/1")]
    {
        on_object(operation, key);
    }
    hub.clock.sleep(std::time::Duration::from_secs(301)).await;
    let file = objects.get("logs", &objects.keys("logs")[0]).await.unwrap();
    let records: Value = serde_json::from_reader(flate2::read::GzDecoder::new(&file.body[..])).unwrap();
    let seen: Vec<_> = records["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (&event["eventName"], &event["eventCategory"]))
        .collect();
    assert_eq!(seen, [(&json!("PutObject"), &json!("Data"))]);
    assert_eq!(done("GetTrail", json!({ "Name": "all" })).await.unwrap()["Trail"]["HasCustomEventSelectors"], true);
    let looked_up = done("LookupEvents", json!({})).await.unwrap();
    assert!(!with_name(&looked_up).contains(&"PutObject"));
}

#[tokio::test]
async fn a_trails_tags_are_kept_and_taken_away() {
    let hub = hub();
    let objects = Arc::new(Objects::default());
    objects.create_bucket("logs").await.unwrap();
    let service = service(&hub);
    hub.register(vec![Arc::clone(&service)], objects as Arc<dyn ObjectStore>);
    let done = |operation, input| ask(service.as_ref(), operation, input);
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let create = json!({ "Name": "all", "S3BucketName": "logs", "TagsList": [tag("a", "1")] });
    let arn = done("CreateTrail", create).await.unwrap()["TrailARN"].clone();
    done("AddTags", json!({ "ResourceId": arn, "TagsList": [tag("b", "2"), tag("a", "3")] })).await.unwrap();
    done("RemoveTags", json!({ "ResourceId": arn, "TagsList": [tag("b", "2")] })).await.unwrap();
    let many: Vec<Value> = (0..50).map(|number| tag(&format!("more-{number}"), "v")).collect();
    let error = done("AddTags", json!({ "ResourceId": arn, "TagsList": many })).await.unwrap_err();
    assert_eq!(error.code, "TagsLimitExceededException", "and the tags that were there stay");
    let listed = done("ListTags", json!({ "ResourceIdList": [arn] })).await.unwrap();
    assert_eq!(listed["ResourceTagList"], json!([{ "ResourceId": arn, "TagsList": [tag("a", "3")] }]));
    let unknown = "arn:aws:cloudtrail:us-east-1:000000000000:trail/none";
    let error = done("ListTags", json!({ "ResourceIdList": [unknown] })).await.unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
    let error = done("ListTags", json!({ "ResourceIdList": ["all"] })).await.unwrap_err();
    assert_eq!(error.code, "CloudTrailARNInvalidException");
    let status = done("GetTrailStatus", json!({ "Name": "all" })).await.unwrap();
    assert_eq!((&status["TimeLoggingStarted"], &status["LatestDeliveryAttemptTime"]), (&json!(""), &json!("")));
}
