//! What an answer must be beyond its subset: JMESPath expressions and a JSON Schema.

use jsonschema::Validator;
use serde::Serialize;
use serde_json::Value;

/// Demands on an answer that a subset cannot express.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wants {
    /// JMESPath expressions that must be true of the answer: an empty list, map or text, `false` and `null` are not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jmespath: Vec<String>,
    /// The JSON Schema of the body; of the whole answer if it has no body. In a file, the name of another file may stand for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

impl Wants {
    /// True if nothing is demanded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jmespath.is_empty() && self.schema.is_none()
    }

    pub(super) fn edit(&mut self, change: &mut impl FnMut(&mut String)) {
        self.jmespath.iter_mut().for_each(change);
    }

    /// The demands that an answer does not meet, in words. A body that is a text is read as JSON first.
    #[must_use]
    pub fn unmet(&self, answer: &Value) -> Vec<String> {
        let answer = with_readable_body(answer);
        let mut unmet: Vec<String> = self.jmespath.iter().filter_map(|text| Self::untrue(text, &answer)).collect();
        let Some(schema) = &self.schema else { return unmet };
        let (place, body) = answer.get("body").map_or(("", &answer), |body| ("body", body));
        match Self::validator(schema) {
            Ok(validator) => unmet.extend(validator.iter_errors(body).map(|error| {
                let place = format!("{place}{}", error.instance_path().as_str().replace('/', "."));
                let place = if place.is_empty() { "the answer" } else { place.trim_start_matches('.') };
                // Without the value: an answer is not quoted at length.
                format!("{place}: {}", error.masked_with("the value"))
            })),
            Err(fault) => unmet.push(format!("the schema is none: {fault}")),
        }
        unmet
    }

    fn untrue(text: &str, answer: &Value) -> Option<String> {
        let found = match Self::expression(text) {
            Ok(expression) => expression.search(answer).map_err(|error| first_line(&error.to_string())),
            Err(fault) => Err(fault),
        };
        match found {
            Ok(found) if found.is_truthy() => None,
            Ok(_) => Some(format!("{text} is not true")),
            Err(fault) => Some(format!("{text} cannot be evaluated: {fault}")),
        }
    }

    /// Compiles one of the expressions.
    ///
    /// # Errors
    /// The fault in the expression, in words.
    pub fn expression(text: &str) -> Result<jmespath::Expression<'static>, String> {
        jmespath::compile(text).map_err(|error| first_line(&error.to_string()))
    }

    /// Compiles the schema.
    ///
    /// # Errors
    /// The fault in the schema, in words.
    pub fn validator(schema: &Value) -> Result<Validator, String> {
        jsonschema::validator_for(schema).map_err(|error| match error.instance_path().as_str() {
            "" => error.to_string(),
            place => format!("{place}: {error}"),
        })
    }
}

/// The fault without its place: its own text quotes the expression and points at the column on lines of their own.
fn first_line(told: &str) -> String {
    let first = told.lines().next().unwrap_or_default();
    first.split(" (line").next().unwrap_or(first).to_owned()
}

fn with_readable_body(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(body) = answer.get_mut("body")
        && let Some(read) = body.as_str().and_then(|text| serde_json::from_str(text).ok())
    {
        *body = read;
    }
    answer
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn unmet(jmespath: &[&str], schema: Value) -> Vec<String> {
        let schema = (!schema.is_null()).then_some(schema);
        let wants = Wants { jmespath: jmespath.iter().map(ToString::to_string).collect(), schema };
        wants.unmet(&json!({"statusCode": 200, "body": r#"{"items": [{"id": 1}, {"id": 2}], "next": null}"#}))
    }

    #[test_case("statusCode == `200`" => 0; "beside the body")]
    #[test_case("length(body.items) == `2`" => 0; "in a body that is a text")]
    #[test_case("body.items[?id == `2`]" => 0; "a list with something in it")]
    #[test_case("body.items[?id == `3`]" => 1; "an empty list")]
    #[test_case("body.next" => 1; "nothing")]
    #[test_case("abs(body)" => 1; "an expression that cannot be evaluated")]
    fn an_expression_must_be_true(text: &str) -> usize {
        unmet(&[text], Value::Null).len()
    }

    #[test]
    fn the_schema_is_of_the_body_and_every_fault_is_told() {
        let item = json!({"properties": {"id": {"type": "string"}}});
        let schema = json!({"type": "object", "required": ["total"], "properties": {"items": {"items": item}}});
        let faults = unmet(&[], schema);
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults.iter().any(|fault| fault.starts_with("body.items.1.id: ")), "{faults:?}");
        assert_eq!(unmet(&[], json!({"required": ["items"]})), Vec::<String>::new());
    }

    #[test]
    fn an_answer_without_a_body_is_held_against_the_schema_itself() {
        let wants = Wants { jmespath: vec![], schema: Some(json!({"type": "array"})) };
        assert_eq!(wants.unmet(&json!([1])), Vec::<String>::new());
        assert_eq!(wants.unmet(&json!({"a": 1})).len(), 1);
    }
}
