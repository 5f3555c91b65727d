//! Tags of tables: what may be one, and whose.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::state::{DynamoDb, act};
use super::store::Tables;
use crate::core::{Reply, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Arc<DynamoDb>>] = &[
    Operation::later("ListTagsOfResource", "*", |state, request| act(state, request, Tables::list_tags))
        .on("{ResourceArn}"),
    Operation::later("TagResource", "*", |state, request| act(state, request, Tables::tag)).on("{ResourceArn}"),
    Operation::later("UntagResource", "*", |state, request| act(state, request, Tables::untag)).on("{ResourceArn}"),
];

/// The most tags of a table.
const LIMIT: usize = 50;

impl Tables {
    /// All at once. A token is never given out, and one that AWS does not know begins anew.
    fn list_tags(&mut self, operation: &str, input: Value) -> Reply {
        self.tagged_table(&input)?;
        self.library.run(operation, input)
    }

    fn tag(&mut self, operation: &str, input: Value) -> Reply {
        self.tagged(&input)?;
        let tags = listed(&input, "Tags");
        if tags.is_empty() {
            return Err(ServiceError::validation("Atleast one Tag needs to be provided as Input."));
        }
        check(tags)?;
        self.tagged_table(&input)?;
        let kept = self.library.run("ListTagsOfResource", json!({ "ResourceArn": input["ResourceArn"] }))?;
        let keys = |tags: &[Value]| -> HashSet<String> {
            tags.iter().filter_map(|tag| tag["Key"].as_str()).map(str::to_owned).collect()
        };
        if keys(listed(&kept, "Tags")).union(&keys(tags)).count() > LIMIT {
            return Err(too_many());
        }
        self.library.run(operation, input)
    }

    fn untag(&mut self, operation: &str, input: Value) -> Reply {
        self.tagged(&input)?;
        let keys = listed(&input, "TagKeys");
        if keys.is_empty() {
            return Err(ServiceError::validation("Atleast one Tag Key needs to be provided as Input."));
        }
        if keys.len() > LIMIT {
            return Err(too_many());
        }
        keys.iter().filter_map(Value::as_str).try_for_each(check_key)?;
        self.tagged_table(&input)?;
        self.library.run(operation, input)
    }

    /// Refuses the ARN of a table that is not there.
    fn tagged_table(&self, input: &Value) -> Result<(), ServiceError> {
        let name = self.tagged(input)?;
        match self.library.table(&name)? {
            Some(_) => Ok(()),
            None => Err(ServiceError::new(
                "ResourceNotFoundException",
                format!(
                    "Requested resource not found: ResourceArn: {} not found",
                    self.names.arn(&format!("table/{name}"))
                ),
            )),
        }
    }

    /// The table whose ARN this is.
    fn tagged(&self, input: &Value) -> Result<String, ServiceError> {
        let arn = input.get("ResourceArn").and_then(Value::as_str).unwrap_or_default();
        let invalid =
            |why: String| ServiceError::validation(format!("One or more parameter values were invalid: {why}"));
        if !arn.starts_with("arn:") {
            return Err(invalid(format!("ARNs must start with 'arn:': {arn}")));
        }
        if arn.split(':').nth(2) != Some("dynamodb") {
            return Err(invalid(format!("Provided Arn is not a DynamoDB resource arn: {arn}")));
        }
        let Some(resource) = arn.strip_prefix(&self.names.arn("")) else {
            return Err(ServiceError::validation(format!(
                "Invalid TableArn: Invalid ResourceArn provided as input {arn}"
            )));
        };
        match resource.split('/').collect::<Vec<_>>()[..] {
            ["table", name] => Ok(name.to_owned()),
            _ => Err(invalid(format!(
                "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {arn}"
            ))),
        }
    }
}

/// Refuses tags that no table may have.
pub(super) fn check(tags: &[Value]) -> Result<(), ServiceError> {
    if tags.len() > LIMIT {
        return Err(too_many());
    }
    let mut seen = HashSet::new();
    for tag in tags {
        let key = tag["Key"].as_str().unwrap_or_default();
        check_key(key)?;
        match tag["Value"].as_str() {
            Some(value) if value.chars().count() <= 256 && value.chars().all(allowed) => {}
            given => {
                let given = given.unwrap_or("null");
                return Err(ServiceError::validation(format!("The Tag Value provided is invalid, Value: {given}")));
            }
        }
        if !seen.insert(key) {
            return Err(ServiceError::validation(format!(
                "Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}"
            )));
        }
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), ServiceError> {
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(ServiceError::validation(format!("Tag Key cannot be prefixed with aws:, Key: {key}")));
    }
    if key.is_empty() || key.chars().count() > 128 || !key.chars().all(allowed) {
        return Err(ServiceError::validation(format!("The Tag Key provided is invalid, Key: {key}")));
    }
    Ok(())
}

/// True for the characters that AWS lets stand in tags.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html>
fn allowed(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "+-=._:/@".contains(character)
}

fn too_many() -> ServiceError {
    ServiceError::validation("Number of Tags exceed the current limit for the provided ResourceArn")
}

fn listed<'a>(input: &'a Value, member: &str) -> &'a [Value] {
    input.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
