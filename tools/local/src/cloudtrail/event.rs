//! One event, as it is kept: what its record is made of, and no more. All that is told of it is made when somebody looks.

use serde_json::Value;

use super::redact::without_sensitive;
use super::s3;
use crate::core::{Call, Caller, Principal, Series, Timestamp};
use crate::model;

/// One thing that was done.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// The place in the history, from 1.
    pub(super) number: u64,
    /// The time of the call, in plane time.
    pub(super) at: Timestamp,
    /// The caller who did it.
    pub(super) caller: Caller,
    /// The name that requests to the service are signed for.
    pub(super) service: &'static str,
    /// The operation's name in the service's model.
    operation: String,
    /// True if nothing was changed.
    pub(super) read_only: bool,
    /// True if it was about an object's data, not about a resource itself.
    pub(super) is_data: bool,
    /// The input without secrets and bytes.
    pub(super) input: Value,
    /// The answer of what changed something; the code and the text of an error.
    pub(super) outcome: Result<Value, (String, String)>,
    ids: Series,
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

impl Event {
    /// The event of a call, before it has its number. `ids` are those of all events.
    pub(super) fn of(call: &Call<'_>, at: Timestamp, ids: Series) -> Self {
        let is_s3 = call.service == "s3";
        let read_only = match is_s3 {
            true => s3::is_read(call.operation),
            false => READS.iter().any(|prefix| call.operation.starts_with(prefix)),
        };
        Self {
            number: 0,
            at,
            caller: call.caller.clone(),
            service: call.service,
            operation: call.operation.to_owned(),
            read_only,
            is_data: is_data(call.service, call.operation),
            // S3 hands over what CloudTrail writes.
            input: if is_s3 { call.input.clone() } else { without_sensitive(call) },
            // Reads have no response elements; what was created has its answer.
            outcome: match call.reply {
                Ok(output) if !read_only => Ok(output.clone()),
                Ok(_) => Ok(Value::Null),
                Err(error) => Err((error.code.clone(), error.message.clone())),
            },
            ids,
        }
    }

    /// A UUID: `EventId` and `eventID`.
    pub(super) fn id(&self) -> String {
        self.ids.uuid(2 * self.number)
    }

    /// A UUID: `requestID`.
    pub(super) fn request_id(&self) -> String {
        self.ids.uuid(2 * self.number + 1)
    }

    /// The service's name in events, such as `cloudformation.amazonaws.com`.
    pub(super) fn source(&self) -> String {
        format!("{}.amazonaws.com", self.service)
    }

    /// The ARN of the object whose data it was about; none where it was about a resource itself.
    pub(super) fn data(&self) -> Option<String> {
        self.is_data.then(|| s3::arn(&self.input)).flatten()
    }

    /// The user's or the session's name; `root` for the root.
    pub(super) fn user(&self) -> &str {
        match &self.caller.principal {
            Principal::Root | Principal::Plane => "root",
            Principal::User(user) => &user.name,
            Principal::Session(session) => &session.name,
            Principal::Service(service) => service.name,
            Principal::Anonymous => "anonymous",
        }
    }

    /// The names of what it was done to: the members of the input that end in `Name` or `Arn`.
    /// Assumed: CloudTrail has a list for each operation; the names are what people look up.
    pub(super) fn resources(&self) -> impl Iterator<Item = &str> {
        let members = self.input.as_object().into_iter().flatten();
        let named = members.filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name.ends_with("name") || name.ends_with("arn") || name == "bucket"
        });
        named.filter_map(|(_, value)| value.as_str())
    }

    /// `CreateStack`; Lambda adds the date of the API, and `v2` to some.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html>
    pub(super) fn name(&self) -> String {
        const SECOND: &[&str] = &[
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
            "AddPermission",
            "RemovePermission",
            "GetFunction",
            "GetFunctionConfiguration",
            "GetPolicy",
        ];
        let operation = self.operation.as_str();
        match self.service {
            "lambda" => {}
            "s3" => return s3::event_name(operation).to_owned(),
            _ => return operation.to_owned(),
        }
        let known = model::of("lambda").and_then(|model| model.operation(operation));
        let path = known.map(|known| known.uri.example(|_| None));
        let date: String = path.unwrap_or_default().chars().skip(1).take(10).filter(char::is_ascii_digit).collect();
        format!("{operation}{date}{}", if SECOND.contains(&operation) { "v2" } else { "" })
    }
}
