//! How a service refuses what its model does not take: the error's code and its text.
//!
//! Three families are known. Most services answer one `ValidationException` (or another code) that lists every fault. CodeDeploy
//! and CodeCommit have an error for each member, `ApplicationNameRequiredException` and `InvalidApplicationNameException`. The
//! rest look for themselves, and only types are checked for them.

use serde_json::Value;

use super::check::{Fault, Shown, check};
use super::shape::{Model, Operation, ShapeId};
use crate::core::ServiceError;

/// Which of the families a service is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// One error with this code lists every fault.
    Listed(&'static str),
    /// Each member has errors of its own; a fault of a member that has none is listed under this code.
    Named(&'static str),
    /// The service's own functions check values.
    Own,
}

/// The refusal of `input`, if the model of `operation` does not take it.
pub fn refusal(model: &Model, operation: &Operation, dialect: Dialect, input: &Value) -> Option<ServiceError> {
    let shape = operation.input?;
    let faults = check(model, shape, input);
    if let Some(Fault::Type(text)) = faults.first() {
        return Some(ServiceError::new("SerializationException", text.clone()));
    }
    match dialect {
        Dialect::Own => None,
        Dialect::Listed(code) => listed(code, &faults),
        Dialect::Named(code) => {
            let named = faults.iter().find_map(|fault| named(model, operation, fault));
            named.or_else(|| listed(code, &faults))
        }
    }
}

/// `2 validation errors detected: Value '' at 'name' failed to satisfy constraint: …; Value null at …`.
fn listed(code: &str, faults: &[Fault]) -> Option<ServiceError> {
    let texts: Vec<String> = faults
        .iter()
        .filter_map(|fault| match fault {
            Fault::Constraint { path, shown, rule, .. } => {
                let value = match shown {
                    Shown::Null => "null ".to_owned(),
                    Shown::Hidden => String::new(),
                    Shown::Text(text) => format!("'{text}' "),
                };
                Some(format!("Value {value}at '{path}' failed to satisfy constraint: {rule}"))
            }
            Fault::Type(_) => None,
        })
        .collect();
    let noun = if texts.len() == 1 { "error" } else { "errors" };
    let text = format!("{} validation {noun} detected: {}", texts.len(), texts.join("; "));
    (!texts.is_empty()).then(|| ServiceError::new(code, text))
}

/// The error that is the member's own, among those that the model names for the operation.
fn named(model: &Model, operation: &Operation, fault: &Fault) -> Option<ServiceError> {
    let Fault::Constraint { member, path, shown, rule } = fault else { return None };
    let mut letters = member.chars();
    let member: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    let candidates = match shown {
        Shown::Null => vec![format!("{member}RequiredException")],
        Shown::Text(text) if text.is_empty() => {
            vec![format!("{member}RequiredException"), format!("Invalid{member}Exception")]
        }
        Shown::Text(_) | Shown::Hidden => vec![format!("Invalid{member}Exception")],
    };
    let known = |id: &ShapeId| model.shape(*id).name.as_str();
    let code = candidates.into_iter().find(|name| operation.errors.iter().any(|id| known(id) == name))?;
    Some(ServiceError::new(code, format!("{path}: {rule}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(service: &str, operation: &str, dialect: Dialect, input: Value) -> ServiceError {
        let model = super::super::of(service).unwrap();
        refusal(model, model.operation(operation).unwrap(), dialect, &input).unwrap()
    }

    #[test]
    fn faults_are_listed_in_awss_words() {
        let error = refused(
            "logs",
            "CreateLogGroup",
            Dialect::Listed("InvalidParameterException"),
            json!({ "logGroupName": "a b" }),
        );
        assert_eq!(
            error.to_string(),
            "InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
        );
    }

    #[test]
    fn a_member_with_an_error_of_its_own_has_it() {
        let named = Dialect::Named("ValidationException");
        assert_eq!(
            refused("codedeploy", "CreateApplication", named, json!({})).code,
            "ApplicationNameRequiredException"
        );
        let long = json!({ "applicationName": "x".repeat(101) });
        assert_eq!(refused("codedeploy", "CreateApplication", named, long).code, "InvalidApplicationNameException");
    }
}
