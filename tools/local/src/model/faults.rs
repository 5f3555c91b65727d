//! The refusals of input that a service's model does not take: the error's code and its text.
//!
//! Three families are known. Most services answer one `ValidationException` (or another code) that lists every fault. CodeDeploy
//! and CodeCommit have an error for each member, `ApplicationNameRequiredException` and `InvalidApplicationNameException`. The
//! rest look for themselves, and only types are checked for them.

use serde_json::Value;

use super::check::{Fault, Shown, check};
use super::shape::{Model, Operation};
use crate::core::ServiceError;

/// The families of services, by their refusals.
#[derive(Clone, Copy, Debug)]
pub enum Dialect {
    /// One error with this code lists every fault.
    Listed(&'static str),
    /// The same, of a service that says some faults otherwise than the others do.
    Worded(&'static str, fn(&Fault) -> Wording),
    /// Each member has errors of its own; a fault of a member that has none is listed under this code.
    Named(&'static str),
    /// The same, of a service that calls some members otherwise in its errors: `serviceRoleArn` is the `Role` of
    /// `RoleRequiredException`. A list is called by each of its items, a structure by itself.
    Called(&'static str, &'static [(&'static str, &'static str)]),
    /// The service's own functions check values.
    Own,
}

/// A service's own word for a fault that its model finds.
#[derive(Clone, Debug)]
pub enum Wording {
    /// It is listed as the model has it.
    Usual,
    /// It is listed without the value.
    Unshown,
    /// It is listed with another rule.
    Rule(&'static str),
    /// It is none: the service does not keep its model's rule.
    Waived,
    /// The refusal is this, whatever else is wrong.
    Alone(ServiceError),
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
        Dialect::Worded(code, wording) => worded(code, wording, faults),
        Dialect::Named(code) => each_named(model, operation, code, &[], &faults),
        Dialect::Called(code, stems) => each_named(model, operation, code, stems, &faults),
    }
}

fn worded(code: &str, wording: fn(&Fault) -> Wording, faults: Vec<Fault>) -> Option<ServiceError> {
    let mut left = Vec::with_capacity(faults.len());
    for fault in faults {
        match (wording(&fault), fault) {
            (Wording::Alone(error), _) => return Some(error),
            (Wording::Waived, _) => {}
            (Wording::Unshown, Fault::Constraint { path, rule, .. }) => {
                left.push(Fault::Constraint { path, shown: Shown::Hidden, rule });
            }
            (Wording::Rule(rule), Fault::Constraint { path, shown, .. }) => {
                left.push(Fault::Constraint { path, shown, rule: rule.to_owned() });
            }
            (_, fault) => left.push(fault),
        }
    }
    listed(code, &left)
}

fn each_named(
    model: &Model,
    operation: &Operation,
    code: &str,
    stems: &[(&str, &str)],
    faults: &[Fault],
) -> Option<ServiceError> {
    let named = faults.iter().find_map(|fault| named(model, operation, stems, fault));
    named.or_else(|| listed(code, faults))
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

/// The error that is the member's own, or that of the member that holds it, among those that the model names for the operation.
fn named(model: &Model, operation: &Operation, stems: &[(&str, &str)], fault: &Fault) -> Option<ServiceError> {
    let Fault::Constraint { path, shown, rule } = fault else { return None };
    let missing = match shown {
        Shown::Null => true,
        Shown::Text(text) => text.is_empty(),
        Shown::Hidden => false,
    };
    let known = |name: &String| operation.errors.iter().any(|id| model.shape(*id).name == *name);
    let members = path.rsplit('.').filter(|part| *part != "member" && part.parse::<usize>().is_err());
    let code = members.enumerate().find_map(|(outwards, member)| {
        let stem = stems.iter().find(|(name, _)| *name == member).map(|(_, stem)| (*stem).to_owned());
        let mut candidates = Vec::new();
        for stem in [capitalised(member)].into_iter().chain(stem) {
            if outwards == 0 && missing {
                candidates.push(format!("{stem}RequiredException"));
            }
            if outwards > 0 || *shown != Shown::Null {
                candidates.push(format!("Invalid{stem}Exception"));
            }
        }
        candidates.into_iter().find(known)
    })?;
    Some(ServiceError::new(code, format!("{path}: {rule}")))
}

fn capitalised(member: &str) -> String {
    let mut letters = member.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
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
    fn a_service_may_have_its_own_word_for_a_fault() {
        fn wording(fault: &Fault) -> Wording {
            match fault {
                Fault::Constraint { path, .. } if path == "logGroupName" => Wording::Unshown,
                Fault::Constraint { path, .. } if path == "limit" => Wording::Waived,
                Fault::Constraint { path, .. } if path == "orderBy" => Wording::Rule("one of two"),
                Fault::Constraint { path, .. } if path == "nextToken" => {
                    Wording::Alone(ServiceError::new("Other", "alone"))
                }
                _ => Wording::Usual,
            }
        }
        let refused =
            |input| refused("logs", "DescribeLogStreams", Dialect::Worded("InvalidParameterException", wording), input);
        let error = refused(json!({ "logGroupName": "a b", "limit": 51, "orderBy": "Neither" }));
        assert!(error.message.starts_with("2 validation errors detected: "), "{error}");
        assert!(error.message.contains("Value at 'logGroupName' failed"), "{error}");
        assert!(error.message.ends_with("Value 'Neither' at 'orderBy' failed to satisfy constraint: one of two"));
        let error = refused(json!({ "logGroupName": "a b", "nextToken": "" }));
        assert_eq!(error.to_string(), "Other: alone");
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

    #[test]
    fn a_member_may_be_called_otherwise_and_what_holds_a_fault_stands_for_it() {
        let called =
            Dialect::Called("ValidationException", &[("serviceRoleArn", "Role"), ("deploymentIds", "DeploymentId")]);
        let code = |operation: &str, input| refused("codedeploy", operation, called, input).code;
        let group = json!({ "applicationName": "a", "deploymentGroupName": "g" });
        assert_eq!(code("CreateDeploymentGroup", group), "RoleRequiredException");
        assert_eq!(code("BatchGetDeployments", json!({})), "DeploymentIdRequiredException");
        let revision = json!({ "applicationName": "a", "revision": { "revisionType": "Paper" } });
        assert_eq!(code("RegisterApplicationRevision", revision), "InvalidRevisionException");
    }
}
