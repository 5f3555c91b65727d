//! Demands on an answer beyond a subset: JMESPath expressions and a JSON Schema.

use std::borrow::Cow;

use serde_json::Value;

use super::super::verdict::Reason;
use crate::suite::Wants;

/// So many breaches of a schema are told.
const BREACHES: usize = 5;

/// Every demand that the answer does not meet.
pub(crate) fn reasons(check: &str, wants: &Wants, answer: &Value) -> Vec<Reason> {
    if wants.is_empty() {
        return Vec::new();
    }
    let answer = with_json_body(answer);
    let mut reasons = Vec::new();
    for (index, expression) in wants.jmespath.iter().enumerate() {
        if let Err(detail) = holds(expression, &answer) {
            reasons.push(Reason::with_detail(format!("check {check:?}: jmespath[{index}]"), detail));
        }
    }
    if let Some(schema) = &wants.schema {
        reasons.extend(breaches(check, schema, &answer));
    }
    reasons
}

fn holds(expression: &str, answer: &Value) -> Result<(), String> {
    let found = Wants::expression(expression)?.search(answer);
    match found {
        Ok(value) if value.is_truthy() => Ok(()),
        Ok(_) => Err(format!("{expression} is not true of the answer")),
        Err(error) => {
            let told = error.to_string();
            Err(format!("{expression}: {}", told.lines().next().unwrap_or_default()))
        }
    }
}

fn breaches(check: &str, schema: &Value, answer: &Value) -> Vec<Reason> {
    let (place, instance) = match answer.get("body") {
        Some(body) => ("body", body),
        None => ("the answer", answer),
    };
    match Wants::validator(schema) {
        Ok(validator) => {
            let breach = |error: jsonschema::ValidationError<'_>| {
                let subject = format!("check {check:?}: schema: {place}{}", error.instance_path());
                Reason::with_detail(subject, super::super::compare::shortened(&error.to_string(), 200))
            };
            validator.iter_errors(instance).take(BREACHES).map(breach).collect()
        }
        Err(fault) => vec![Reason::with_detail(format!("check {check:?}: the schema cannot be used"), fault)],
    }
}

/// A body that is a text of JSON is what the text says.
fn with_json_body(answer: &Value) -> Cow<'_, Value> {
    let body = answer.get("body").and_then(Value::as_str);
    match body.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        Some(parsed @ (Value::Object(_) | Value::Array(_))) => {
            let mut answer = answer.clone();
            answer["body"] = parsed;
            Cow::Owned(answer)
        }
        _ => Cow::Borrowed(answer),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn told(wants: &Wants, answer: &Value) -> Vec<String> {
        reasons("health", wants, answer).iter().map(ToString::to_string).collect()
    }

    fn answer() -> Value {
        json!({ "statusCode": 200, "body": r#"{"items":[{"id":"a"},{"id":7}]}"# })
    }

    #[test_case("length(body.items) == `2`" => 0; "true")]
    #[test_case("body.items[?id == 'b']" => 1; "an empty list is not true")]
    #[test_case("body.none" => 1; "nothing is not true")]
    #[test_case("length(statusCode)" => 1; "a function of the wrong type")]
    #[test_case("body.items[" => 1; "no expression")]
    fn an_expression_is_true_or_a_reason(expression: &str) -> usize {
        told(&Wants { jmespath: vec![expression.to_owned()], schema: None }, &answer()).len()
    }

    #[test]
    fn a_breach_of_the_schema_is_told_with_its_place() {
        let schema =
            json!({ "properties": { "items": { "items": { "properties": { "id": { "type": "string" } } } } } });
        let reasons = told(&Wants { jmespath: Vec::new(), schema: Some(schema) }, &answer());
        assert_eq!(reasons, [r#"check "health": schema: body/items/1/id: 7 is not of type "string""#]);
    }

    #[test]
    fn without_a_body_the_whole_answer_is_held_against_the_schema() {
        let schema = Some(json!({ "required": ["ok"] }));
        assert_eq!(told(&Wants { jmespath: Vec::new(), schema }, &json!({})).len(), 1);
    }

    #[test]
    fn a_schema_that_leads_in_a_circle_ends() {
        let schema =
            json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } });
        let _ = told(&Wants { jmespath: Vec::new(), schema: Some(schema) }, &json!({}));
    }

    #[test]
    fn a_schema_that_is_elsewhere_is_not_fetched() {
        let schema = Some(json!({ "$ref": "https://example.com/schema.json" }));
        let reasons = told(&Wants { jmespath: Vec::new(), schema }, &json!({}));
        assert!(reasons[0].starts_with(r#"check "health": the schema cannot be used"#), "{reasons:?}");
    }
}
