//! One event, as CloudTrail writes it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde_json::{Value, json};

use super::redact::{parameters, without_sensitive};
use super::s3;
use crate::core::{Call, Caller, Hub, Principal, Timestamp};
use crate::model;

/// The version of the record's format.
const VERSION: &str = "1.11";

/// One thing that was done.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// The place in the history, from 1.
    pub(super) number: u64,
    /// A UUID: `EventId` and `eventID`.
    pub(super) id: String,
    /// The time of the call, in plane time.
    pub(super) at: Timestamp,
    /// The name of the operation, such as `CreateStack`.
    pub(super) name: String,
    /// The service's name in events, such as `cloudformation.amazonaws.com`.
    pub(super) source: String,
    /// True if nothing was changed.
    pub(super) read_only: bool,
    /// The ARN of the object whose data it was about; none where it was about a resource itself.
    pub(super) data: Option<String>,
    /// The user's or the session's name; `root` for the root.
    pub(super) user: String,
    /// The key that signed; none where nobody did.
    pub(super) access_key: Option<String>,
    /// The names of what it was done to.
    pub(super) resources: Vec<String>,
    /// The whole record, as log files and `CloudTrailEvent` have it.
    pub(super) record: Value,
}

/// Operations on the data of a resource, not on the resource: no trail hears of them unless it selects them.
/// S3's are in their own module.
const DATA: &[(&str, &[&str])] = &[
    ("dynamodb", &["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "Batch", "Transact", "Execute"]),
    ("dynamodbstreams", &["GetRecords", "GetShardIterator"]),
    ("lambda", &["Invoke"]),
    ("logs", &["PutLogEvents", "GetLogEvents", "FilterLogEvents"]),
    ("monitoring", &["PutMetricData", "GetMetric", "ListMetrics"]),
    ("events", &["PutEvents", "TestEventPattern"]),
    ("sns", &["Publish"]),
];

/// True if the operation is on data.
pub(super) fn is_data(service: &str, operation: &str) -> bool {
    if service == "s3" {
        return s3::is_data(operation);
    }
    DATA.iter().any(|(known, names)| *known == service && names.iter().any(|name| operation.starts_with(name)))
}

/// The first words of operations that change nothing.
/// Assumed: CloudTrail's own `readOnly` follows the access level of each action, which these names stand for.
const READS: &[&str] = &[
    "Get", "List", "Describe", "BatchGet", "Lookup", "Search", "Test", "Validate", "Estimate", "Simulate", "Detect",
    "Decode", "Poll", "View",
];

/// The event of a call.
pub(super) fn of(call: &Call<'_>, hub: &Hub) -> Event {
    let (id, at) = (hub.ids.uuid(), hub.now());
    let account = &hub.identity.account;
    let (is_s3, is_data) = (call.service == "s3", is_data(call.service, call.operation));
    let read_only = match is_s3 {
        true => s3::is_read(call.operation),
        false => READS.iter().any(|prefix| call.operation.starts_with(prefix)),
    };
    // S3 hands over what CloudTrail writes.
    let input = if is_s3 { call.input.clone() } else { parameters(&without_sensitive(call)) };
    let name = event_name(call.service, call.operation);
    let source = format!("{}.amazonaws.com", call.service);
    let mut record = json!({
        "eventVersion": VERSION,
        "userIdentity": identity(call.caller, account, at),
        "eventTime": seconds(at),
        "eventSource": source,
        "eventName": name,
        "awsRegion": hub.identity.region,
        "sourceIPAddress": address(call.caller),
        "requestParameters": input,
        "responseElements": response(call, read_only),
        "requestID": hub.ids.uuid(),
        "eventID": id,
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": !is_data,
        "recipientAccountId": account,
        "eventCategory": if is_data { "Data" } else { "Management" },
    });
    if is_s3 {
        record["resources"] = s3::resources(call.input, account);
    }
    if let Err(error) = call.reply {
        record["errorCode"] = error.code.clone().into();
        record["errorMessage"] = error.message.clone().into();
    }
    let (user, access_key) = (user_name(call.caller), call.caller.access_key.clone());
    let (data, resources) = (s3::arn(call.input).filter(|_| is_s3 && is_data), names(call.input));
    Event { number: 0, id, at, name, source, read_only, data, user, access_key, resources, record }
}

/// Reads have no response elements; what was created has its answer.
fn response(call: &Call<'_>, read_only: bool) -> Value {
    match call.reply {
        Ok(Value::Object(members)) if !read_only && !members.is_empty() => parameters(&Value::Object(members.clone())),
        _ => Value::Null,
    }
}

/// `CreateStack`; Lambda adds the date of the API, and `v2` to some.
/// <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>
fn event_name(service: &str, operation: &str) -> String {
    const SECOND: &[&str] = &[
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "AddPermission",
        "RemovePermission",
        "GetFunction",
        "GetFunctionConfiguration",
        "GetPolicy",
    ];
    match service {
        "lambda" => {}
        "s3" => return s3::event_name(operation).to_owned(),
        _ => return operation.to_owned(),
    }
    let path = model::of(service).and_then(|model| model.operation(operation)).map(|known| known.uri.example(|_| None));
    let date: String = path.unwrap_or_default().chars().skip(1).take(10).filter(char::is_ascii_digit).collect();
    format!("{operation}{date}{}", if SECOND.contains(&operation) { "v2" } else { "" })
}

fn identity(caller: &Caller, account: &str, at: Timestamp) -> Value {
    let (arn, id) = (caller.arn(account), caller.user_id(account));
    let mut identity = match &caller.principal {
        Principal::Root | Principal::Plane => {
            json!({ "type": "Root", "principalId": id, "arn": arn, "accountId": account })
        }
        Principal::User(user) => json!({
            "type": "IAMUser", "principalId": id, "arn": arn, "accountId": account, "userName": user.name,
        }),
        Principal::Session(session) => json!({
            "type": "AssumedRole", "principalId": id, "arn": arn, "accountId": account,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "principalId": session.role_id, "arn": session.role, "accountId": account,
                    "userName": session.role_name(),
                },
                "attributes": { "creationDate": seconds(at), "mfaAuthenticated": "false" },
            },
        }),
        Principal::Service(service) => json!({ "type": "AWSService", "invokedBy": service.name }),
        Principal::Anonymous => json!({ "type": "AWSAccount", "principalId": "", "accountId": "anonymous" }),
    };
    if let Some(key) = &caller.access_key {
        identity["accessKeyId"] = key.clone().into();
    }
    if let Some(service) = caller.through {
        identity["invokedBy"] = service.into();
    }
    identity
}

/// The origin of a request: a service by its name, a client by this machine's address.
fn address(caller: &Caller) -> &str {
    match (&caller.principal, caller.through) {
        (_, Some(service)) => service,
        (Principal::Service(service), None) => service.name,
        _ => "127.0.0.1",
    }
}

fn user_name(caller: &Caller) -> String {
    match &caller.principal {
        Principal::Root | Principal::Plane => "root".to_owned(),
        Principal::User(user) => user.name.clone(),
        Principal::Session(session) => session.name.clone(),
        Principal::Service(service) => service.name.to_owned(),
        Principal::Anonymous => "anonymous".to_owned(),
    }
}

/// The names in an input: its members that end in `Name` or `Arn`.
/// Assumed: CloudTrail has a list for each operation; the names are what people look up.
fn names(input: &Value) -> Vec<String> {
    let members = input.as_object().into_iter().flatten();
    let named = members.filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.ends_with("name") || name.ends_with("arn") || name == "bucket"
    });
    named.filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}

/// Whole seconds, as records have them.
fn seconds(at: Timestamp) -> String {
    format!("{}Z", at.iso8601().split('.').next().unwrap_or_default())
}
