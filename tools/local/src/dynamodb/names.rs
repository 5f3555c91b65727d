//! Names and ARNs: the plane's outside, the library's inside, and tables that are named by their ARN.

use serde_json::{Map, Value};

use crate::core::{PlaneIdentity, ServiceError};

/// The beginning of the library's ARNs.
const LIBRARY: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// The names and ARNs of one plane.
pub(super) struct Names {
    identity: PlaneIdentity,
}

/// Tables that a request named by their ARN, and which its answer names so again.
#[derive(Debug, Default)]
pub(super) struct Spellings(Vec<(String, String)>);

impl Names {
    pub(super) fn new(identity: PlaneIdentity) -> Self {
        Self { identity }
    }

    /// The region of the plane.
    pub(super) fn region(&self) -> &str {
        &self.identity.region
    }

    /// The ARN of a resource such as `table/t`.
    pub(super) fn arn(&self, resource: &str) -> String {
        format!("arn:aws:dynamodb:{}:{}:{resource}", self.identity.region, self.identity.account)
    }

    /// The ARN of a key of KMS by its identifier, unless it is one already.
    ///
    /// Assumed: a key that is named is there. An alias stays an alias, where AWS would tell the key it stands for.
    pub(super) fn key_arn(&self, given: &str) -> String {
        let (region, account) = (&self.identity.region, &self.identity.account);
        match given {
            arn if arn.starts_with("arn:") => arn.to_owned(),
            alias if alias.starts_with("alias/") => format!("arn:aws:kms:{region}:{account}:{alias}"),
            id => format!("arn:aws:kms:{region}:{account}:key/{id}"),
        }
    }

    /// Makes an ARN of the library the plane's.
    pub(super) fn own(&self, member: Option<&mut Value>) {
        let Some(member) = member else { return };
        if let Some(resource) = member.as_str().and_then(|arn| arn.strip_prefix(LIBRARY)) {
            *member = Value::String(self.arn(resource));
        }
    }

    /// The name of a table that is given by its name or by its ARN.
    pub(super) fn table(&self, given: &str) -> Result<String, ServiceError> {
        let Some(rest) = given.strip_prefix("arn:") else { return Ok(given.to_owned()) };
        let refuse =
            |why: &str| Err(ServiceError::validation(format!("1 validation error detected: {why} in '{given}'")));
        let mut parts = rest.splitn(5, ':');
        let mut part = || parts.next().unwrap_or_default();
        match (part(), part(), part(), part(), part()) {
            ("aws", "dynamodb", region, _, _) if region != self.identity.region => refuse("Invalid AWS region"),
            ("aws", "dynamodb", _, account, _) if account != self.identity.account => Err(ServiceError::new(
                "ResourceNotFoundException",
                format!("Requested resource not found: Table: {given} not found"),
            )),
            ("aws", "dynamodb", _, _, resource) => match resource.strip_prefix("table/") {
                Some(name) if !name.contains('/') => Ok(name.to_owned()),
                _ => refuse("Invalid resource type"),
            },
            _ => refuse("Invalid AWS partition"),
        }
    }

    /// Puts names in place of the ARNs by which a request names its tables.
    pub(super) fn resolve(&self, input: &mut Value) -> Result<Spellings, ServiceError> {
        let mut spellings = Spellings::default();
        self.resolve_member(input, &mut spellings)?;
        let actions = input.get_mut("TransactItems").and_then(Value::as_array_mut);
        for action in actions.into_iter().flatten().filter_map(Value::as_object_mut) {
            for part in action.values_mut() {
                self.resolve_member(part, &mut spellings)?;
            }
        }
        if let Some(tables) = input.get_mut("RequestItems").and_then(Value::as_object_mut) {
            let mut resolved = Map::new();
            for (given, asked) in std::mem::take(tables) {
                let name = self.table(&given)?;
                spellings.keep(&name, &given);
                resolved.insert(name, asked);
            }
            *tables = resolved;
        }
        Ok(spellings)
    }

    fn resolve_member(&self, part: &mut Value, spellings: &mut Spellings) -> Result<(), ServiceError> {
        let Some(member) = part.get_mut("TableName") else { return Ok(()) };
        if let Some(given) = member.as_str() {
            let name = self.table(given)?;
            spellings.keep(&name, given);
            *member = Value::String(name);
        }
        Ok(())
    }
}

impl Spellings {
    fn keep(&mut self, name: &str, given: &str) {
        if name != given {
            self.0.push((name.to_owned(), given.to_owned()));
        }
    }

    /// Names the tables of an answer as the request did.
    pub(super) fn restore(&self, answer: &mut Value) {
        if self.0.is_empty() {
            return;
        }
        for member in ["Responses", "UnprocessedItems", "UnprocessedKeys", "ItemCollectionMetrics"] {
            if let Some(tables) = answer.get_mut(member).and_then(Value::as_object_mut) {
                *tables = std::mem::take(tables).into_iter().map(|(name, told)| (self.given(&name), told)).collect();
            }
        }
        match answer.get_mut("ConsumedCapacity") {
            Some(Value::Array(parts)) => parts.iter_mut().for_each(|part| self.restore_member(part)),
            Some(part) => self.restore_member(part),
            None => {}
        }
    }

    fn restore_member(&self, part: &mut Value) {
        if let Some(name) = part.get("TableName").and_then(Value::as_str) {
            part["TableName"] = Value::String(self.given(name));
        }
    }

    fn given(&self, name: &str) -> String {
        let found = self.0.iter().find(|(resolved, _)| resolved == name);
        found.map_or(name, |(_, given)| given).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_may_be_named_by_its_arn_and_is_told_so() {
        let names = Names::new(PlaneIdentity::default());
        let arn = names.arn("table/t");
        let mut input =
            json!({ "RequestItems": { arn.as_str(): 1 }, "TransactItems": [{ "Put": { "TableName": arn } }] });
        let spellings = names.resolve(&mut input).unwrap();
        assert_eq!(input, json!({ "RequestItems": { "t": 1 }, "TransactItems": [{ "Put": { "TableName": "t" } }] }));
        let mut answer = json!({ "Responses": { "t": [] }, "ConsumedCapacity": [{ "TableName": "t" }] });
        spellings.restore(&mut answer);
        assert_eq!(answer, json!({ "Responses": { arn.as_str(): [] }, "ConsumedCapacity": [{ "TableName": arn }] }));
    }

    #[test]
    fn an_arn_of_elsewhere_names_no_table() {
        let names = Names::new(PlaneIdentity::default());
        let refused = names.table("arn:aws:dynamodb:eu-west-1:000000000000:table/t").unwrap_err();
        assert!(refused.message.contains("Invalid AWS region in"), "{refused}");
        assert!(
            names.table("arn:aws:dynamodb:us-east-1:111111111111:table/t").unwrap_err().is("ResourceNotFoundException")
        );
        assert!(names.table("arn:aws:dynamodb:us-east-1:000000000000:stream/t").is_err());
        assert!(names.table("arn:aws:s3:::t").is_err());
    }
}
