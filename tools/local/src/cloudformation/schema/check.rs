//! A resource's properties against its type's schema, with CloudFormation's own words for what is wrong.
//!
//! A null stands for what is not known yet. Scalars pass for one another as CloudFormation lets them: `"128"` is a
//! number, `"true"` a truth value. Lengths and patterns are the services' to check.

use serde_json::{Map, Value};

use super::{Additional, ResourceType, Shape};
use crate::cloudformation::template::scalar_text;

/// Everything that is wrong with the properties, as CloudFormation says it: `#/Path: extraneous key [X] is not permitted`.
pub fn faults(kind: &ResourceType, properties: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Check { kind, found: &mut found }.value(&kind.shape, properties, "");
    found
}

struct Check<'a> {
    kind: &'a ResourceType,
    found: &'a mut Vec<String>,
}

impl<'a> Check<'a> {
    fn fault(&mut self, at: &str, message: impl std::fmt::Display) {
        self.found.push(format!("#{at}: {message}"));
    }

    fn value(&mut self, shape: &'a Shape, value: &Value, at: &str) {
        if let Some(name) = &shape.reference {
            let kind = self.kind;
            if let Some(shape) = kind.definitions.get(name) {
                self.value(shape, value, at);
            }
            return;
        }
        match value {
            Value::Null => {}
            Value::Object(members) if shape.may_be("object") => self.object(shape, members, at),
            Value::Array(items) if shape.may_be("array") => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(shape) = &shape.items {
                        self.value(shape, item, &format!("{at}/{index}"));
                    }
                }
            }
            Value::Object(_) => self.wrong_kind(shape, "JSONObject", at),
            Value::Array(_) => self.wrong_kind(shape, "JSONArray", at),
            scalar => self.scalar(shape, scalar, at),
        }
    }

    fn object(&mut self, shape: &'a Shape, members: &Map<String, Value>, at: &str) {
        for name in shape.required.iter().filter(|name| !members.contains_key(*name)) {
            self.fault(at, format_args!("required key [{name}] not found"));
        }
        for (name, member) in members {
            let below = format!("{at}/{name}");
            // A pattern of names stands for a map of the user's own.
            match (shape.properties.get(name), &shape.additional_properties) {
                (Some(shape), _) => self.value(shape, member, &below),
                (None, _) if !shape.pattern_properties.is_empty() => {
                    if let Some(shape) = shape.pattern_properties.values().next() {
                        self.value(shape, member, &below);
                    }
                }
                (None, Some(Additional::Whether(false))) => {
                    self.fault(at, format_args!("extraneous key [{name}] is not permitted"));
                }
                (None, Some(Additional::Like(shape))) => self.value(shape, member, &below),
                (None, _) => {}
            }
        }
    }

    fn scalar(&mut self, shape: &Shape, value: &Value, at: &str) {
        let text = scalar_text(value).unwrap_or_default();
        let number = || text.parse::<f64>().is_ok();
        let fits = shape.may_be("string")
            || (shape.may_be("integer") || shape.may_be("number")) && number()
            || shape.may_be("boolean") && matches!(text.as_str(), "true" | "false" | "True" | "False");
        // A document may come as text.
        let document = shape.may_be("object") && shape.properties.is_empty() && value.is_string();
        if !fits && !document {
            return self.wrong_kind(shape, "String", at);
        }
        let chosen = |choice: &Value| scalar_text(choice).is_some_and(|choice| choice == text);
        if !shape.choices.is_empty() && !shape.choices.iter().any(chosen) {
            self.fault(at, format_args!("{text} is not a valid enum value"));
        }
    }

    fn wrong_kind(&mut self, shape: &Shape, found: &str, at: &str) {
        let names = [("object", "JSONObject"), ("array", "JSONArray"), ("boolean", "Boolean"), ("string", "String")];
        let expected = names.iter().find(|(kind, _)| shape.may_be(kind)).map_or("Number", |(_, name)| *name);
        self.fault(at, format_args!("expected type: {expected}, found: {found}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("AWS::Lambda::Function", &json!({ "Role": "r" }) => vec!["#: required key [Code] not found"])]
    #[test_case("AWS::S3::Bucket", &json!({ "BucketName": ["a"] }) => vec!["#/BucketName: expected type: String, found: JSONArray"])]
    #[test_case("AWS::S3::Bucket", &json!({ "VersioningConfiguration": { "State": "x", "Status": "Enabled" } }) => vec!["#/VersioningConfiguration: extraneous key [State] is not permitted"])]
    #[test_case("AWS::CloudWatch::Alarm", &json!({ "ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": "x", "Dimensions": [{ "Name": 1 }] }) => vec!["#/Dimensions/0: required key [Value] not found", "#/EvaluationPeriods: expected type: Number, found: String"])]
    #[test_case("AWS::CloudWatch::Alarm", &json!({ "ComparisonOperator": null, "EvaluationPeriods": "2", "ActionsEnabled": "true" }) => Vec::<String>::new(); "texts pass for scalars, and what is not known for anything")]
    #[test_case("AWS::IAM::Role", &json!({ "AssumeRolePolicyDocument": { "Any": [1] } }) => Vec::<String>::new(); "a document is free")]
    fn a_fault_reads_as_cloudformation_has_it(kind: &str, properties: &Value) -> Vec<String> {
        let mut found = faults(super::super::resource_type(kind).unwrap(), properties);
        found.sort();
        found
    }
}
