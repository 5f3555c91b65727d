//! The `Rules` section: conditions on the parameters' values together. An assertion that fails refuses the operation.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html>

use serde_json::Value;

use crate::cloudformation::conditions::truth;
use crate::cloudformation::errors::{unsupported, validation};
use crate::cloudformation::intrinsics::{Fault, Fixed, NoResources, Scope, resolve_or_null};
use crate::cloudformation::template::{RuleDeclaration, Template, scalar_text};
use crate::core::ServiceError;

/// Functions that look up what a parameter's value stands for in EC2, which the plane does not have.
const LOOK_UP: [&str; 2] = ["Fn::ValueOf", "Fn::ValueOfAll"];

/// Holds the parameters' values against every rule.
///
/// # Errors
/// `ValidationError` with the first assertion that fails. Assumed: its description alone is the message.
pub fn check(template: &Template, fixed: &Fixed) -> Result<(), ServiceError> {
    for (name, rule) in &template.rules {
        check_functions(name, rule)?;
        let rules = Rules { template, fixed };
        let wrong = |fault: Fault| validation(format!("{} (rule {name})", fault.message()));
        if let Some(condition) = &rule.condition
            && !rules.truth(condition).map_err(wrong)?
        {
            continue;
        }
        for (assertion, description) in &rule.assertions {
            if !rules.truth(assertion).map_err(wrong)? {
                let own = || format!("Assertion of rule {name} failed");
                return Err(validation(description.clone().unwrap_or_else(own)));
            }
        }
    }
    Ok(())
}

fn check_functions(name: &str, rule: &RuleDeclaration) -> Result<(), ServiceError> {
    let values = rule.condition.iter().chain(rule.assertions.iter().map(|(assertion, _)| assertion));
    match values.flat_map(|value| LOOK_UP.iter().find(|function| calls(value, function))).next() {
        Some(function) => Err(unsupported(format_args!("{function} of rule {name}: there is no EC2 to look into"))),
        None => Ok(()),
    }
}

fn calls(value: &Value, function: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(function) || members.values().any(|member| calls(member, function))
        }
        Value::Array(items) => items.iter().any(|item| calls(item, function)),
        _ => false,
    }
}

struct Rules<'a> {
    template: &'a Template,
    fixed: &'a Fixed,
}

impl Rules<'_> {
    fn truth(&self, condition: &Value) -> Result<bool, Fault> {
        truth(condition, self.fixed, &|function, argument| self.of_rules(function, argument))
    }

    /// The functions that only rules have.
    fn of_rules(&self, function: &str, argument: &Value) -> Option<Result<bool, Fault>> {
        let arguments = argument.as_array().map(Vec::as_slice);
        Some(match (function, arguments) {
            ("Fn::Contains", Some([list, value])) => {
                self.both(list, value).map(|(list, value)| value.iter().all(|one| list.contains(one)))
            }
            ("Fn::EachMemberEquals", Some([list, value])) => {
                self.both(list, value).map(|(list, value)| list.iter().all(|one| value.contains(one)))
            }
            ("Fn::EachMemberIn", Some([list, others])) => {
                self.both(list, others).map(|(list, others)| list.iter().all(|one| others.contains(one)))
            }
            ("Fn::Contains" | "Fn::EachMemberEquals" | "Fn::EachMemberIn", _) => {
                Fault::wrong(format!("every {function} object requires a list with two elements"))
            }
            ("Condition", _) => Fault::wrong("Condition cannot be used in Rules"),
            _ => return None,
        })
    }

    fn both(&self, left: &Value, right: &Value) -> Result<(Vec<String>, Vec<String>), Fault> {
        Ok((self.texts(left)?, self.texts(right)?))
    }

    /// A list of texts, or one text as a list of one.
    fn texts(&self, value: &Value) -> Result<Vec<String>, Fault> {
        if let Some(kind) = value.get("Fn::RefAll").and_then(Value::as_str) {
            return Ok(self.values_of_type(kind));
        }
        let resolved = resolve_or_null(value, Scope { fixed: self.fixed, resources: &NoResources })?;
        match &resolved {
            Value::Array(items) => Ok(items.iter().filter_map(scalar_text).collect()),
            scalar => Ok(scalar_text(scalar).into_iter().collect()),
        }
    }

    /// The values of all parameters of one type.
    fn values_of_type(&self, kind: &str) -> Vec<String> {
        let declared = self.template.parameters.iter();
        let of_type =
            declared.filter(|(_, one)| one.parameter_type == kind || one.parameter_type == format!("List<{kind}>"));
        let values = of_type.filter_map(|(name, _)| self.fixed.names.get(name));
        values
            .flat_map(|value| value.as_array().map_or_else(|| vec![value.clone()], Clone::clone))
            .filter_map(|value| scalar_text(&value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::cloudformation::template::Source;

    const HEAD: &str = "
Parameters: {Stage: {Type: String}, Zones: {Type: 'List<AWS::EC2::AvailabilityZone::Name>'}}
Resources: {A: {Type: T}}
Rules:
  R:
    ";

    fn checked(rule: &str) -> Result<(), ServiceError> {
        let source = Source::read(format!("{HEAD}{rule}\n")).unwrap();
        let template = Template::read(&source.tree.to_json(), &source).unwrap();
        let names = BTreeMap::from([("Stage".to_owned(), json!("qa")), ("Zones".to_owned(), json!(["a", "b"]))]);
        check(&template, &Fixed { names, ..Fixed::default() })
    }

    #[test_case("Assertions: [{Assert: !Equals [!Ref Stage, qa]}]")]
    #[test_case("Assertions: [{Assert: {'Fn::Contains': [[dev, qa], !Ref Stage]}}]")]
    #[test_case("Assertions: [{Assert: {'Fn::EachMemberIn': [!Ref Zones, [a, b, c]]}}]")]
    #[test_case(
        "Assertions: [{Assert: {'Fn::EachMemberIn': [{'Fn::RefAll': 'AWS::EC2::AvailabilityZone::Name'}, [a, b]]}}]"
    )]
    #[test_case("Assertions: [{Assert: !Not [{'Fn::EachMemberEquals': [!Ref Zones, a]}]}]")]
    #[test_case("{RuleCondition: !Equals [!Ref Stage, production], Assertions: [{Assert: !Equals [1, 2]}]}"; "a rule whose condition does not hold asserts nothing")]
    fn an_assertion_that_holds_lets_the_operation_pass(rule: &str) {
        checked(rule).unwrap();
    }

    #[test_case("Assertions: [{Assert: {'Fn::Contains': [[dev], !Ref Stage]}, AssertDescription: only dev}]" => "ValidationError: only dev")]
    #[test_case("Assertions: [{Assert: {'Fn::EachMemberEquals': [!Ref Zones, a]}}]" => "ValidationError: Assertion of rule R failed")]
    #[test_case("Assertions: [{Assert: {'Fn::EachMemberIn': [{'Fn::ValueOfAll': ['AWS::EC2::VPC::Id', Tags.x]}, [y]]}}]" => "NotImplemented: the local plane does not run Fn::ValueOfAll of rule R: there is no EC2 to look into; no work was done")]
    fn an_assertion_that_fails_refuses_the_operation(rule: &str) -> String {
        checked(rule).unwrap_err().to_string()
    }
}
