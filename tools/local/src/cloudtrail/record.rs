//! The record of an event, as CloudTrail writes it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde_json::{Value, json};

use super::event::Event;
use super::redact::parameters;
use super::s3;
use crate::core::{Caller, PlaneIdentity, Principal, Timestamp};

/// The version of the record's format.
const VERSION: &str = "1.11";

/// The whole record, as log files and `CloudTrailEvent` have it.
pub(super) fn of(event: &Event, place: &PlaneIdentity) -> Value {
    let account = &place.account;
    let is_s3 = event.service == "s3";
    let mut record = json!({
        "eventVersion": VERSION,
        "userIdentity": identity(&event.caller, account, event.at),
        "eventTime": seconds(event.at),
        "eventSource": event.source(),
        "eventName": event.name(),
        "awsRegion": place.region,
        "sourceIPAddress": address(&event.caller),
        "requestParameters": if is_s3 { event.input.clone() } else { parameters(&event.input) },
        "responseElements": event.outcome.as_ref().map_or(Value::Null, parameters),
        "requestID": event.request_id(),
        "eventID": event.id(),
        "readOnly": event.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": !event.is_data,
        "recipientAccountId": account,
        "eventCategory": if event.is_data { "Data" } else { "Management" },
    });
    if is_s3 {
        record["resources"] = s3::resources(&event.input, account);
    }
    if let Err((code, message)) = &event.outcome {
        record["errorCode"] = code.as_str().into();
        record["errorMessage"] = message.as_str().into();
    }
    record
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

/// Whole seconds, as records have them.
fn seconds(at: Timestamp) -> String {
    format!("{}Z", at.iso8601().split('.').next().unwrap_or_default())
}
