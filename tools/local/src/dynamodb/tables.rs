//! The tables of the plane: which operation goes where, and the making and ending of tables.

use std::sync::Arc;

use serde_json::{Value, json};

use super::description::{is_on_demand, warm};
use super::library::Library;
use super::names::Names;
use super::settings::Settings;
use super::state::{DynamoDb, act};
use super::store::Tables;
use super::tokens::Tokens;
use super::{encryption, tags};
use crate::core::{Clock, Hub, Reply, ServiceError, Timestamp};
use crate::model::{self, Dialect};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Arc<DynamoDb>>] = &[
    Operation::later(
        "CreateTable",
        "AttributeDefinitions TableName KeySchema LocalSecondaryIndexes BillingMode ProvisionedThroughput StreamSpecification \
         GlobalSecondaryIndexes{IndexName KeySchema Projection ProvisionedThroughput} SSESpecification Tags TableClass \
         DeletionProtectionEnabled OnDemandThroughput VectorIndexes",
        |state, request| act(state, request, |tables, _, input| tables.create(input)),
    )
    .on("table/{TableName}"),
    Operation::later("DeleteTable", "*", |state, request| act(state, request, |tables, _, input| tables.delete(input)))
        .on("table/{TableName}"),
    Operation::later("DescribeTable", "*", |state, request| {
        act(state, request, |tables, _, input| tables.describe_table(input))
    })
    .on("table/{TableName}"),
    Operation::later("ListTables", "*", |state, request| {
        act(state, request, |tables, operation, input| tables.library.run(operation, input))
    }),
    Operation::later(
        "UpdateTable",
        "AttributeDefinitions TableName BillingMode ProvisionedThroughput StreamSpecification SSESpecification TableClass \
         GlobalSecondaryIndexUpdates{Create{IndexName KeySchema Projection ProvisionedThroughput} Delete \
         Update{IndexName ProvisionedThroughput}} DeletionProtectionEnabled OnDemandThroughput VectorIndexUpdates",
        |state, request| act(state, request, |tables, _, input| tables.update(input)),
    )
    .on("table/{TableName}"),
];

/// The members of a table's description that `DeleteTable` still tells.
const TOLD_OF_THE_GONE: &[&str] = &[
    "BillingModeSummary",
    "DeletionProtectionEnabled",
    "ItemCount",
    "ProvisionedThroughput",
    "TableArn",
    "TableId",
    "TableName",
    "TableSizeBytes",
    "TableStatus",
];

impl Tables {
    /// The tables under the plane's data directory.
    pub(super) fn open(hub: &Arc<Hub>) -> Result<Self, String> {
        let directory = hub.data_dir.join("dynamodb");
        let library = Library::open(&directory, &hub.clock)?;
        Ok(Self {
            library,
            settings: Settings::open(directory.join("settings.json"))?,
            names: Names::new(hub.identity.clone()),
            tokens: Tokens::default(),
            clock: hub.clock.clone(),
        })
    }

    /// The plane's clock.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The plane's time now.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Runs an operation whose tables may be named by their ARNs.
    pub(super) fn named_by_arn(
        &mut self,
        operation: &str,
        mut input: Value,
        work: fn(&mut Self, &str, Value) -> Reply,
    ) -> Reply {
        let spellings = self.names.resolve(&mut input)?;
        let mut reply = work(self, operation, input)?;
        spellings.restore(&mut reply);
        Ok(reply)
    }

    /// The table that a request names.
    pub(super) fn named(&self, input: &Value) -> Result<String, ServiceError> {
        input.get("TableName").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
            ServiceError::validation("The parameter 'TableName' is required but was not present in the request")
        })
    }

    /// Refuses an input of DynamoDB that its model does not take, where the library does not look.
    pub(super) fn check(operation: &str, input: &Value) -> Result<(), ServiceError> {
        let known = model::of("dynamodb").and_then(|model| Some((model, model.operation(operation)?)));
        let refusal = known
            .and_then(|(model, known)| model::refusal(model, known, Dialect::Listed("ValidationException"), input));
        refusal.map_or(Ok(()), Err)
    }

    /// Refuses a view of a stream that is none: the library is not told what was asked for.
    pub(super) fn check_stream_view(operation: &str, input: &Value) -> Result<(), ServiceError> {
        let specification = input.get("StreamSpecification").filter(|given| given.get("StreamViewType").is_some());
        let Some(specification) = specification else { return Ok(()) };
        let mut only = json!({ "StreamSpecification": specification });
        for required in ["TableName", "AttributeDefinitions", "KeySchema"] {
            if let Some(given) = input.get(required) {
                only[required] = given.clone();
            }
        }
        Self::check(operation, &only)
    }

    fn describe_table(&mut self, input: Value) -> Reply {
        let mut reply = self.library.run("DescribeTable", input)?;
        self.describe(&mut reply["Table"]);
        Ok(reply)
    }

    /// `CreateTable`.
    pub(super) fn create(&mut self, mut input: Value) -> Reply {
        if let Some(given) = input.get("Tags").and_then(Value::as_array) {
            tags::check(given)?;
        }
        Self::check_stream_view("CreateTable", &input)?;
        let view = requested_view(&input, "Table is being created with a stream enabled, UpdateViewType is required")?;
        let key = match input.as_object_mut().and_then(|members| members.shift_remove("SSESpecification")) {
            Some(specification) => encryption::key(&self.names, &specification)?,
            None => None,
        };
        check_throughput(&input)?;
        keep_both_images(&mut input);
        let mut reply = self.library.run("CreateTable", input)?;
        let description = &mut reply["TableDescription"];
        let name = description["TableName"].as_str().unwrap_or_default().to_owned();
        let now = self.now();
        let on_demand = is_on_demand(description);
        let warm = warm(description, on_demand);
        // The items of an earlier table of the same name are of no concern.
        self.settings.forget(&name)?;
        self.settings.change(&name, |kept| {
            kept.created = now;
            kept.on_demand_since = on_demand.then_some(now);
            kept.encryption_key = key;
            kept.warm = warm;
        })?;
        if let Some(view) = view {
            let schema = description["KeySchema"].clone();
            self.begin_stream(&name, view, schema)?;
        }
        self.describe(description);
        tell_of_new(description);
        Ok(reply)
    }

    fn delete(&mut self, input: Value) -> Reply {
        let mut reply = self.library.run("DeleteTable", input)?;
        let description = &mut reply["TableDescription"];
        self.describe(description);
        let name = description["TableName"].as_str().unwrap_or_default().to_owned();
        if let Some(members) = description.as_object_mut() {
            members.retain(|member, _| TOLD_OF_THE_GONE.contains(&member.as_str()));
        }
        self.end_stream(&name)?;
        self.settings.forget(&name)?;
        Ok(reply)
    }
}

/// Some things of a table are told only when it is described.
fn tell_of_new(description: &mut Value) {
    for index in description.get_mut("GlobalSecondaryIndexes").and_then(Value::as_array_mut).into_iter().flatten() {
        index.as_object_mut().map(|index| index.shift_remove("WarmThroughput"));
    }
    let Some(members) = description.as_object_mut() else { return };
    members.shift_remove("WarmThroughput");
    members.entry("DeletionProtectionEnabled").or_insert(json!(false));
    if let Some(summary) = members.get_mut("BillingModeSummary").and_then(Value::as_object_mut) {
        summary.shift_remove("LastUpdateToPayPerRequestDateTime");
    }
}

/// Refuses a table without throughput that is not paid for per request, and an index without it in a table that has it.
fn check_throughput(input: &Value) -> Result<(), ServiceError> {
    let refuse =
        |why: String| Err(ServiceError::validation(format!("One or more parameter values were invalid: {why}")));
    let indexes = input.get("GlobalSecondaryIndexes").and_then(Value::as_array).into_iter().flatten();
    let mut lacking = indexes.filter(|index| index.get("ProvisionedThroughput").is_none());
    let table_has = input.get("ProvisionedThroughput").is_some_and(|throughput| !throughput.is_null());
    match lacking.next() {
        _ if !table_has && input.get("BillingMode").is_none_or(Value::is_null) => refuse(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
                .to_owned(),
        ),
        Some(index) if table_has => {
            let name = index["IndexName"].as_str().unwrap_or_default();
            refuse(format!("ProvisionedThroughput is not specified for index: {name}"))
        }
        _ => Ok(()),
    }
}

/// The view of the stream that a request enables; none if it enables none.
pub(super) fn requested_view(input: &Value, without: &str) -> Result<Option<String>, ServiceError> {
    let Some(specification) = input.get("StreamSpecification") else { return Ok(None) };
    let enabled = specification.get("StreamEnabled").and_then(Value::as_bool) == Some(true);
    match specification.get("StreamViewType").and_then(Value::as_str) {
        Some(view) if enabled => Ok(Some(view.to_owned())),
        None if enabled => {
            Err(ServiceError::validation(format!("One or more parameter values were invalid: {without}")))
        }
        _ => Ok(None),
    }
}

/// Lets the library record both images: which of them a stream shows is decided when it is read, and a change that
/// changed nothing is seen by them.
pub(super) fn keep_both_images(input: &mut Value) {
    if let Some(view) = input.pointer_mut("/StreamSpecification/StreamViewType") {
        *view = json!("NEW_AND_OLD_IMAGES");
    }
}
