//! The store as a client meets it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use test_case::test_case;

use super::service;
use crate::core::testing::{hub_at, with as register};
use crate::core::{Caller, Principal, Reply, Request, Service, User, testing};

fn store_at(scale: f64) -> Arc<dyn Service> {
    let hub = hub_at(scale);
    let events = testing::Fake::new("events", |_, _| Ok(json!({})));
    register(&hub, vec![events]);
    service(&hub)
}

fn store() -> Arc<dyn Service> {
    store_at(1.0)
}

async fn ask(store: &Arc<dyn Service>, operation: &str, input: Value) -> Reply {
    let arn = "arn:aws:iam::000000000000:user/tester".to_owned();
    let user = User { name: "tester".to_owned(), id: "AIDATESTER".to_owned(), arn };
    let caller = Caller::from(Principal::User(Arc::new(user)));
    store.call(Request::from_wire(operation, input, caller)).await
}

async fn done(store: &Arc<dyn Service>, operation: &str, input: Value) -> Value {
    ask(store, operation, input).await.unwrap()
}

/// The code of a refusal.
async fn refused(store: &Arc<dyn Service>, operation: &str, input: Value) -> String {
    ask(store, operation, input).await.unwrap_err().code
}

async fn put(store: &Arc<dyn Service>, name: &str, more: Value) -> Value {
    done(store, "PutParameter", with(json!({ "Name": name, "Value": "v", "Type": "String" }), more)).await
}

fn with(mut input: Value, more: Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

fn names(page: &Value) -> Vec<&str> {
    page["Parameters"].as_array().unwrap().iter().map(|p| p["Name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn of_many_creations_of_one_name_one_succeeds() {
    let store = store();
    let create = json!({ "Name": "/a/claim", "Value": "v", "Type": "String" });
    let creations = (0..16).map(|_| ask(&store, "PutParameter", create.clone()));
    let replies = futures::future::join_all(creations).await;
    assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 1);
    assert!(replies.iter().filter_map(|r| r.as_ref().err()).all(|e| e.is("ParameterAlreadyExists")));
}

#[tokio::test]
async fn versions_count_up_and_stay_readable() {
    let store = store();
    for value in ["one", "two", "three"] {
        put(&store, "/a/b", json!({ "Value": value, "Overwrite": true })).await;
    }
    let latest = done(&store, "GetParameter", json!({ "Name": "/a/b" })).await;
    assert_eq!((&latest["Parameter"]["Value"], &latest["Parameter"]["Version"]), (&json!("three"), &json!(3)));
    assert!(latest["Parameter"]["Selector"].is_null());
    let first = done(&store, "GetParameter", json!({ "Name": "/a/b:1" })).await;
    assert_eq!((&first["Parameter"]["Value"], &first["Parameter"]["Selector"]), (&json!("one"), &json!(":1")));
    let error = ask(&store, "GetParameter", json!({ "Name": "/a/b:9" })).await.unwrap_err();
    assert_eq!(error.code, "ParameterVersionNotFound");
    assert_eq!(error.message, "Systems Manager could not find version 9 of /a/b. Verify the version and try again.");
}

#[tokio::test]
async fn a_name_and_the_same_name_at_the_root_are_one_parameter() {
    let store = store();
    put(&store, "/root", json!({})).await;
    assert_eq!(
        refused(&store, "PutParameter", json!({ "Name": "root", "Value": "v", "Type": "String" })).await,
        "ParameterAlreadyExists"
    );
    for name in ["root", "/root", "arn:aws:ssm:us-east-1:000000000000:parameter/root"] {
        let found = done(&store, "GetParameter", json!({ "Name": name })).await;
        assert_eq!(found["Parameter"]["Name"], "/root");
        assert_eq!(found["Parameter"]["ARN"], "arn:aws:ssm:us-east-1:000000000000:parameter/root");
    }
}

#[tokio::test]
async fn paths_are_listed_by_page_and_by_depth() {
    let store = store();
    for name in ["/p/1", "/p/2", "/p/3", "/p/deep/4", "/q/5"] {
        put(&store, name, json!({})).await;
    }
    let first = done(&store, "GetParametersByPath", json!({ "Path": "/p", "MaxResults": 2 })).await;
    let second = json!({ "Path": "/p/", "NextToken": first["NextToken"] });
    let second = done(&store, "GetParametersByPath", second).await;
    assert_eq!((names(&first), names(&second)), (vec!["/p/1", "/p/2"], vec!["/p/3"]));
    assert!(second["NextToken"].is_null());
    let all = done(&store, "GetParametersByPath", json!({ "Path": "/p", "Recursive": true })).await;
    assert_eq!(names(&all).len(), 4);
}

#[tokio::test]
async fn ten_names_and_ten_results_are_the_most() {
    let store = store();
    let eleven: Vec<String> = (0..11).map(|n| format!("n{n}")).collect();
    let error = ask(&store, "GetParameters", json!({ "Names": eleven })).await.unwrap_err();
    assert_eq!(error.code, "ValidationException");
    assert!(
        error
            .message
            .ends_with("at 'names' failed to satisfy constraint: Member must have length less than or equal to 10")
    );
    let error = ask(&store, "GetParametersByPath", json!({ "Path": "/", "MaxResults": 11 })).await.unwrap_err();
    assert_eq!(error.code, "ValidationException");
    assert_eq!(
        error.message,
        "1 validation error detected: Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10"
    );
    assert_eq!(refused(&store, "DeleteParameters", json!({ "Names": eleven })).await, "ValidationException");
    assert_eq!(refused(&store, "DescribeParameters", json!({ "MaxResults": 51 })).await, "ValidationException");
    assert_eq!(refused(&store, "DescribeParameters", json!({ "NextToken": "!" })).await, "InvalidNextToken");
}

#[tokio::test]
async fn of_several_names_the_missing_are_told_apart_and_doubles_answered_once() {
    let store = store();
    put(&store, "/a", json!({})).await;
    let names = json!({ "Names": ["/a", "/a", "/none", "/a:7", "/a:label"] });
    let reply = done(&store, "GetParameters", names).await;
    assert_eq!(reply["Parameters"].as_array().unwrap().len(), 1);
    assert_eq!(reply["InvalidParameters"], json!(["/none", "/a:7", "/a:label"]));
}

#[test_case(json!({ "Name": "app/x" }), "ValidationException"; "a hierarchy without a leading slash")]
#[test_case(json!({ "Value": "x".repeat(4097) }), "ValidationException"; "a long value")]
#[test_case(json!({ "Value": "x".repeat(8193), "Tier": "Advanced" }), "ValidationException"; "a very long value")]
#[test_case(json!({ "Value": "" }), "ValidationException"; "no value")]
#[test_case(json!({ "Value": "{{ssm:other}}" }), "ValidationException"; "a value that refers to another")]
#[test_case(json!({ "Type": "Text" }), "ValidationException"; "an unknown type")]
#[test_case(json!({ "Tier": "Premium" }), "ValidationException"; "an unknown tier")]
#[test_case(json!({ "DataType": "nonsense" }), "ValidationException"; "an unknown data type")]
#[test_case(json!({ "DataType": "aws:ec2:image" }), "NotImplemented"; "a data type that AWS checks")]
#[test_case(json!({ "KeyId": "alias/aws/ssm" }), "ValidationException"; "a key for a plain text")]
#[test_case(json!({ "Type": "SecureString", "KeyId": "alias/mine" }), "InvalidKeyId"; "a key that nobody has")]
#[test_case(json!({ "AllowedPattern": "^\\d+$" }), "ParameterPatternMismatchException"; "a value that does not match")]
#[test_case(json!({ "AllowedPattern": "(" }), "InvalidAllowedPatternException"; "a pattern that is none")]
#[test_case(json!({ "AllowedPattern": "(?!x).*" }), "NotImplemented"; "a pattern that looks around")]
#[test_case(json!({ "Overwrite": true, "Tags": [{ "Key": "a", "Value": "b" }] }), "ValidationException"; "tags of an overwritten parameter")]
#[test_case(json!({ "Tags": [{ "Key": "aws:a", "Value": "b" }] }), "ValidationException"; "a tag of AWS")]
#[test_case(json!({ "Policies": "[{\"Type\":\"NoChangeNotification\",\"Version\":\"1.0\",\"Attributes\":{\"After\":\"1\",\"Unit\":\"Days\"}}]" }), "ValidationException"; "policies of a standard parameter")]
#[tokio::test]
async fn what_aws_refuses_is_refused_and_writes_nothing(more: Value, code: &str) {
    let store = store();
    let input = with(json!({ "Name": "/a", "Value": "v", "Type": "String" }), more);
    assert_eq!(refused(&store, "PutParameter", input).await, code);
    assert_eq!(done(&store, "DescribeParameters", json!({})).await["Parameters"], json!([]));
}

#[tokio::test]
async fn a_new_parameter_needs_a_type_and_an_old_one_keeps_what_is_not_said() {
    let store = store();
    let error = ask(&store, "PutParameter", json!({ "Name": "/a", "Value": "v" })).await.unwrap_err();
    assert_eq!(error.message, "A parameter type is required when you create a parameter.");
    put(
        &store,
        "/a",
        json!({ "Type": "StringList", "Value": "1,22", "Description": "d", "AllowedPattern": "\\d{1,4}" }),
    )
    .await;
    // The example of the user guide: the whole value has to match, also a later one.
    let error =
        ask(&store, "PutParameter", json!({ "Name": "/a", "Value": "10.000", "Overwrite": true })).await.unwrap_err();
    assert_eq!(error.code, "ParameterPatternMismatchException");
    assert_eq!(error.message, "Parameter value, cannot be validated against allowedPattern: \\d{1,4}");
    done(&store, "PutParameter", json!({ "Name": "/a", "Value": "3", "Overwrite": true })).await;
    let described = done(&store, "DescribeParameters", json!({})).await;
    let metadata = &described["Parameters"][0];
    assert_eq!(
        (&metadata["Type"], &metadata["Description"], &metadata["AllowedPattern"], &metadata["Version"]),
        (&json!("StringList"), &json!("d"), &json!("\\d{1,4}"), &json!(2))
    );
    assert_eq!(metadata["LastModifiedUser"], "arn:aws:iam::000000000000:user/tester");
    assert_eq!((&metadata["Policies"], &metadata["DataType"]), (&json!([]), &json!("text")));
}

#[tokio::test]
async fn tiers_go_up_and_never_down() {
    let store = store();
    let long = "x".repeat(4097);
    let reply = put(&store, "/advanced", json!({ "Value": long, "Tier": "Advanced" })).await;
    assert_eq!(reply, json!({ "Version": 1, "Tier": "Advanced" }));
    let reply = put(&store, "/advanced", json!({ "Overwrite": true })).await;
    assert_eq!(reply["Tier"], "Advanced");
    let down = json!({ "Name": "/advanced", "Value": "v", "Overwrite": true, "Tier": "Standard" });
    let error = ask(&store, "PutParameter", down).await.unwrap_err();
    assert!(error.message.starts_with("This parameter uses the advanced-parameter tier."), "{error}");
    let intelligent = json!({ "Tier": "Intelligent-Tiering" });
    assert_eq!(put(&store, "/small", intelligent.clone()).await["Tier"], "Standard");
    assert_eq!(put(&store, "/large", with(intelligent, json!({ "Value": long }))).await["Tier"], "Advanced");
    assert_eq!(put(&store, "/small", json!({ "Overwrite": true, "Tier": "Advanced" })).await["Tier"], "Advanced");
}

#[tokio::test]
async fn an_account_has_ten_thousand_standard_parameters() {
    let store = store();
    for n in 0..super::STANDARD_PARAMETERS {
        put(&store, &format!("n{n}"), json!({})).await;
    }
    let more = json!({ "Name": "more", "Value": "v", "Type": "String" });
    assert_eq!(refused(&store, "PutParameter", more.clone()).await, "ParameterLimitExceeded");
    assert_eq!(put(&store, "n0", json!({ "Overwrite": true })).await["Version"], 2);
    let tier = json!({ "Tier": "Intelligent-Tiering" });
    assert_eq!(done(&store, "PutParameter", with(more, tier)).await["Tier"], "Advanced");
}

#[tokio::test]
async fn a_secure_string_is_ciphertext_until_it_is_decrypted() {
    let store = store();
    put(&store, "/s", json!({ "Type": "SecureString", "Value": "secret" })).await;
    let get = json!({ "Name": "/s" });
    let sealed = done(&store, "GetParameter", get.clone()).await;
    assert_eq!(sealed["Parameter"]["Type"], "SecureString");
    assert_ne!(sealed["Parameter"]["Value"], "secret");
    let decrypt = json!({ "WithDecryption": true });
    let opened = done(&store, "GetParameter", with(get.clone(), decrypt.clone())).await;
    assert_eq!(opened["Parameter"]["Value"], "secret");
    let history = done(&store, "GetParameterHistory", with(get, decrypt)).await;
    assert_eq!(
        (&history["Parameters"][0]["Value"], &history["Parameters"][0]["KeyId"]),
        (&json!("secret"), &json!("alias/aws/ssm"))
    );
    let filter = json!({ "ParameterFilters": [{ "Key": "KeyId", "Values": ["alias/aws/ssm"] }] });
    assert_eq!(names(&done(&store, "DescribeParameters", filter).await), ["/s"]);
}

#[tokio::test]
async fn a_label_belongs_to_one_version_and_moves() {
    let store = store();
    for value in ["one", "two"] {
        put(&store, "/a", json!({ "Value": value, "Overwrite": true })).await;
    }
    let label = json!({ "Name": "/a", "ParameterVersion": 1, "Labels": ["prod", "9lives", "awsome", "ssm-x", "a b"] });
    let reply = done(&store, "LabelParameterVersion", label).await;
    assert_eq!(reply, json!({ "InvalidLabels": ["9lives", "awsome", "ssm-x", "a b"], "ParameterVersion": 1 }));
    let found = done(&store, "GetParameter", json!({ "Name": "/a:prod" })).await;
    assert_eq!((&found["Parameter"]["Value"], &found["Parameter"]["Selector"]), (&json!("one"), &json!(":prod")));
    let moved = done(&store, "LabelParameterVersion", json!({ "Name": "/a", "Labels": ["prod"] })).await;
    assert_eq!(moved["ParameterVersion"], 2);
    let history = done(&store, "GetParameterHistory", json!({ "Name": "/a" })).await;
    let labels: Vec<&Value> = history["Parameters"].as_array().unwrap().iter().map(|v| &v["Labels"]).collect();
    assert_eq!(labels, [&json!([]), &json!(["prod"])]);
    let unlabel = json!({ "Name": "/a", "ParameterVersion": 2, "Labels": ["prod", "beta"] });
    let reply = done(&store, "UnlabelParameterVersion", unlabel).await;
    assert_eq!(reply, json!({ "RemovedLabels": ["prod"], "InvalidLabels": ["beta"] }));
    assert_eq!(refused(&store, "GetParameter", json!({ "Name": "/a:prod" })).await, "ParameterVersionNotFound");
    let none = json!({ "Name": "/a", "ParameterVersion": 9, "Labels": ["x"] });
    assert_eq!(refused(&store, "LabelParameterVersion", none).await, "ParameterVersionNotFound");
}

#[tokio::test]
async fn a_version_has_ten_labels_and_the_oldest_with_one_blocks_the_next() {
    let store = store();
    put(&store, "/a", json!({})).await;
    let ten: Vec<String> = (0..10).map(|n| format!("l{n}")).collect();
    done(&store, "LabelParameterVersion", json!({ "Name": "/a", "Labels": ten })).await;
    let more = json!({ "Name": "/a", "Labels": ["more"] });
    assert_eq!(refused(&store, "LabelParameterVersion", more).await, "ParameterVersionLabelLimitExceeded");
    for _ in 1..100 {
        put(&store, "/a", json!({ "Overwrite": true })).await;
    }
    let next = json!({ "Name": "/a", "Value": "v", "Overwrite": true });
    let error = ask(&store, "PutParameter", next.clone()).await.unwrap_err();
    assert_eq!(error.code, "ParameterMaxVersionLimitExceeded");
    assert!(error.message.contains("Version 1, the oldest version, can't be deleted"), "{error}");
    done(&store, "UnlabelParameterVersion", json!({ "Name": "/a", "ParameterVersion": 1, "Labels": ten })).await;
    assert_eq!(done(&store, "PutParameter", next).await["Version"], 101);
    assert_eq!(refused(&store, "GetParameter", json!({ "Name": "/a:1" })).await, "ParameterVersionNotFound");
}

#[tokio::test]
async fn history_has_pages() {
    let store = store();
    for _ in 0..12 {
        put(&store, "/a", json!({ "Overwrite": true })).await;
    }
    let first = done(&store, "GetParameterHistory", json!({ "Name": "/a", "MaxResults": 5 })).await;
    let rest = json!({ "Name": "/a", "NextToken": first["NextToken"] });
    let rest = done(&store, "GetParameterHistory", rest).await;
    let numbers = |page: &Value| -> Vec<u64> {
        page["Parameters"].as_array().unwrap().iter().map(|v| v["Version"].as_u64().unwrap()).collect()
    };
    assert_eq!((numbers(&first), numbers(&rest)), ((1..=5).collect(), (6..=12).collect()));
}

#[tokio::test]
async fn filters_find_by_every_member() {
    let store = store();
    put(&store, "/app/db", json!({ "Tags": [{ "Key": "stage", "Value": "prod" }] })).await;
    put(&store, "/app/web", json!({ "Type": "StringList", "Tier": "Advanced" })).await;
    put(&store, "other", json!({})).await;
    for (filter, expected) in [
        (json!({ "Key": "Name", "Values": ["/other"] }), vec!["other"]),
        (json!({ "Key": "Name", "Option": "BeginsWith", "Values": ["/app"] }), vec!["/app/db", "/app/web"]),
        (json!({ "Key": "Name", "Option": "Contains", "Values": ["db", "oth"] }), vec!["/app/db", "other"]),
        (json!({ "Key": "Type", "Values": ["StringList"] }), vec!["/app/web"]),
        (json!({ "Key": "Tier", "Values": ["Standard"] }), vec!["/app/db", "other"]),
        (json!({ "Key": "Path", "Option": "Recursive", "Values": ["/app"] }), vec!["/app/db", "/app/web"]),
        (json!({ "Key": "tag:stage", "Values": ["prod"] }), vec!["/app/db"]),
        (json!({ "Key": "tag:stage" }), vec!["/app/db"]),
        (json!({ "Key": "DataType", "Values": ["text"] }), vec!["/app/db", "/app/web", "other"]),
    ] {
        let found = done(&store, "DescribeParameters", json!({ "ParameterFilters": [filter] })).await;
        assert_eq!(names(&found), expected, "{filter}");
    }
    let old = json!({ "Filters": [{ "Key": "Name", "Values": ["/app/d"] }] });
    assert_eq!(names(&done(&store, "DescribeParameters", old).await), ["/app/db"]);
}

#[tokio::test]
async fn tags_are_of_parameters_that_are_there() {
    let store = store();
    put(&store, "/a", json!({})).await;
    let of = |kind: &str, id: &str| json!({ "ResourceType": kind, "ResourceId": id });
    let tag = with(of("Parameter", "/a"), json!({ "Tags": [{ "Key": "k", "Value": "v" }] }));
    done(&store, "AddTagsToResource", tag).await;
    let listed = done(&store, "ListTagsForResource", of("Parameter", "/a")).await;
    assert_eq!(listed["TagList"], json!([{ "Key": "k", "Value": "v" }]));
    done(&store, "RemoveTagsFromResource", with(of("Parameter", "/a"), json!({ "TagKeys": ["k"] }))).await;
    assert_eq!(done(&store, "ListTagsForResource", of("Parameter", "/a")).await["TagList"], json!([]));
    assert_eq!(refused(&store, "ListTagsForResource", of("Parameter", "/b")).await, "InvalidResourceId");
    assert_eq!(refused(&store, "ListTagsForResource", of("Document", "/a")).await, "InvalidResourceId");
}

#[tokio::test(start_paused = true)]
async fn a_parameter_expires_on_the_planes_clock() {
    let store = store_at(3600.0);
    // The machine's date is the plane's when it starts; its clock then runs an hour in a second.
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(3);
    let policies = json!([{ "Type": "Expiration", "Version": "1.0", "Attributes": { "Timestamp": at.to_string() } }]);
    put(&store, "/a", json!({ "Tier": "Advanced", "Policies": policies.to_string() })).await;
    let described = done(&store, "DescribeParameters", json!({})).await;
    assert_eq!(described["Parameters"][0]["Policies"][0]["PolicyStatus"], "Pending");
    assert_eq!(described["Parameters"][0]["Policies"][0]["PolicyType"], "Expiration");
    tokio::time::advance(Duration::from_secs(2)).await;
    done(&store, "GetParameter", json!({ "Name": "/a" })).await;
    for _ in 0..100 {
        if ask(&store, "GetParameter", json!({ "Name": "/a" })).await.is_err() {
            return;
        }
        tokio::time::advance(Duration::from_millis(100)).await;
        tokio::task::yield_now().await;
    }
    panic!("the parameter is still there");
}
