//! Stack policies: which resources an update may touch, and how.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html>

use serde_json::Value;

use super::errors::validation;
use crate::core::ServiceError;

/// A policy as it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackPolicy {
    /// The document's text, as GetStackPolicy gives it back.
    pub body: String,
    statements: Vec<Statement>,
}

/// The action of an update on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateAction {
    /// It is changed in place.
    Modify,
    /// Another takes its place.
    Replace,
    /// It is removed.
    Delete,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    denies: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    /// True if the statement is about every resource but those (`NotResource`).
    inverted: bool,
    types: Vec<String>,
}

impl UpdateAction {
    fn as_str(self) -> &'static str {
        match self {
            Self::Modify => "Update:Modify",
            Self::Replace => "Update:Replace",
            Self::Delete => "Update:Delete",
        }
    }
}

impl StackPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// `ValidationError` when it is no stack policy.
    pub fn read(body: &str) -> Result<Self, ServiceError> {
        let invalid = || validation("Error validating stack policy: Invalid stack policy");
        let document: Value = serde_json::from_str(body).map_err(|_| invalid())?;
        let members = document.as_object().ok_or_else(invalid)?;
        let statements = match members.get("Statement") {
            None => Vec::new(),
            Some(Value::Array(all)) => all.iter().map(Statement::read).collect::<Option<_>>().ok_or_else(invalid)?,
            Some(one) => vec![Statement::read(one).ok_or_else(invalid)?],
        };
        Ok(Self { body: body.to_owned(), statements })
    }

    /// The reason why the policy forbids an action, if it does. An action that no statement allows is forbidden.
    pub fn denial(&self, action: UpdateAction, logical_id: &str, resource_type: &str) -> Option<String> {
        let resource = format!("LogicalResourceId/{logical_id}");
        let applies = |one: &&Statement| one.applies(action, &resource, resource_type);
        if let Some(index) = self.statements.iter().position(|one| one.denies && applies(&one)) {
            return Some(format!(
                "Action denied by stack policy: Statement [#{}] does not allow [{}] for resource [{resource}];",
                index + 1,
                action.as_str()
            ));
        }
        let allowed = self.statements.iter().any(|one| !one.denies && applies(&one));
        (!allowed).then(|| format!("Action not allowed by stack policy: {} for resource [{resource}]", action.as_str()))
    }
}

impl Statement {
    fn read(value: &Value) -> Option<Self> {
        let denies = match value.get("Effect")?.as_str()? {
            "Allow" => false,
            "Deny" => true,
            _ => return None,
        };
        let everybody = |principal: &Value| principal.as_str() == Some("*") || principal["AWS"].as_str() == Some("*");
        value.get("Principal").filter(|principal| everybody(principal))?;
        let actions = texts(value.get("Action")?)?;
        let known = ["Update:Modify", "Update:Replace", "Update:Delete", "Update:*", "*"];
        if !actions.iter().all(|action| known.contains(&action.as_str())) {
            return None;
        }
        let (resources, inverted) = match (value.get("Resource"), value.get("NotResource")) {
            (Some(resources), None) => (texts(resources)?, false),
            (None, Some(resources)) => (texts(resources)?, true),
            _ => return None,
        };
        let types = match value.get("Condition") {
            None => Vec::new(),
            Some(condition) => Self::types(condition)?,
        };
        Some(Self { denies, actions, resources, inverted, types })
    }

    /// The types of a condition; `ResourceType` is the only key that there is.
    fn types(condition: &Value) -> Option<Vec<String>> {
        let mut types = Vec::new();
        for (operator, keys) in condition.as_object()? {
            if !["StringEquals", "StringLike"].contains(&operator.as_str()) {
                return None;
            }
            for (key, values) in keys.as_object()? {
                if key != "ResourceType" {
                    return None;
                }
                types.extend(texts(values)?);
            }
        }
        Some(types)
    }

    fn applies(&self, action: UpdateAction, resource: &str, resource_type: &str) -> bool {
        let action = self.actions.iter().any(|one| matches(one, action.as_str()));
        let named = self.resources.iter().any(|one| matches(one, resource));
        let typed = self.types.is_empty() || self.types.iter().any(|one| matches(one, resource_type));
        action && named != self.inverted && typed
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// True if `text` is like the pattern, where `*` stands for anything.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            let Some(rest) = text.strip_prefix(before) else { return false };
            let mut ends = rest.char_indices().map(|(index, _)| index).chain([rest.len()]);
            ends.any(|index| matches(after, &rest[index..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn policy(statements: Value) -> StackPolicy {
        StackPolicy::read(&json!({ "Statement": statements }).to_string()).unwrap()
    }

    fn statement(effect: &str, action: &str, resource: &str) -> Value {
        json!({ "Effect": effect, "Action": action, "Principal": "*", "Resource": resource })
    }

    #[test]
    fn a_denial_names_its_statement() {
        let all = statement("Allow", "Update:*", "*");
        let policy = policy(json!([all, statement("Deny", "Update:Replace", "LogicalResourceId/Data*")]));
        let denied = policy.denial(UpdateAction::Replace, "Database", "T").unwrap();
        let expected = "Action denied by stack policy: Statement [#2] does not allow [Update:Replace] for resource [LogicalResourceId/Database];";
        assert_eq!(denied, expected);
        assert_eq!(policy.denial(UpdateAction::Modify, "Database", "T"), None);
        assert_eq!(policy.denial(UpdateAction::Replace, "Queue", "T"), None);
    }

    #[test]
    fn what_no_statement_allows_is_forbidden() {
        let policy = policy(json!([{
            "Effect": "Allow", "Action": ["Update:Modify"], "Principal": "*", "NotResource": "LogicalResourceId/A",
            "Condition": { "StringLike": { "ResourceType": ["AWS::SNS::*"] } },
        }]));
        assert_eq!(policy.denial(UpdateAction::Modify, "B", "AWS::SNS::Topic"), None);
        for (action, id, kind) in [
            (UpdateAction::Modify, "A", "AWS::SNS::Topic"),
            (UpdateAction::Modify, "B", "AWS::S3::Bucket"),
            (UpdateAction::Delete, "B", "AWS::SNS::Topic"),
        ] {
            assert!(policy.denial(action, id, kind).unwrap().starts_with("Action not allowed by stack policy"));
        }
    }

    #[test_case("no json")]
    #[test_case("[]")]
    #[test_case(r#"{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "me", "Resource": "*"}]}"#)]
    #[test_case(r#"{"Statement": [{"Effect": "Deny", "Action": "Delete:*", "Principal": "*", "Resource": "*"}]}"#)]
    #[test_case(r#"{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*"}]}"#)]
    fn what_is_no_stack_policy_is_refused(body: &str) {
        let error = StackPolicy::read(body).unwrap_err();
        assert_eq!(error.message, "Error validating stack policy: Invalid stack policy");
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("AWS::*::B*", "AWS::S3::Bucket") && !matches("AWS::*::B", "AWS::S3::Bucket"));
    }
}
