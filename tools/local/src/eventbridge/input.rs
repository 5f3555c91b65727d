//! What a target is sent: the event, a constant, a part of it, or a template filled from it.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::{Input, ServiceError};

/// How a target's input is made.
#[derive(Clone, Debug)]
pub(super) enum TargetInput {
    Event,
    Constant(String),
    Path(String),
    Template { paths: BTreeMap<String, String>, template: String },
}

impl TargetInput {
    /// Reads `Input`, `InputPath` or `InputTransformer` of a target.
    pub(super) fn read(target: &Input) -> Result<Self, ServiceError> {
        if let Some(text) = target.opt_str("Input") {
            serde_json::from_str::<Value>(text)
                .map_err(|error| ServiceError::validation(format!("JSON syntax error in input for target: {error}")))?;
            return Ok(Self::Constant(text.to_owned()));
        }
        if let Some(path) = target.opt_str("InputPath") {
            return Ok(Self::Path(path.to_owned()));
        }
        let Some(transformer) = target.get("InputTransformer") else { return Ok(Self::Event) };
        let template = transformer["InputTemplate"]
            .as_str()
            .ok_or_else(|| ServiceError::validation("InputTransformer needs an InputTemplate"))?;
        let paths = transformer["InputPathsMap"].as_object().into_iter().flatten();
        let paths = paths.filter_map(|(name, path)| Some((name.clone(), path.as_str()?.to_owned()))).collect();
        Ok(Self::Template { paths, template: template.to_owned() })
    }

    /// The text that the target is sent for `event`.
    pub(super) fn fill(&self, event: &Value, rule: &str, rule_arn: &str) -> String {
        match self {
            Self::Event => event.to_string(),
            Self::Constant(text) => text.clone(),
            Self::Path(path) => at_path(event, path).unwrap_or(Value::Null).to_string(),
            Self::Template { paths, template } => {
                let mut known: BTreeMap<String, Value> = paths
                    .iter()
                    .map(|(name, path)| (name.clone(), at_path(event, path).unwrap_or_else(|| json!(""))))
                    .collect();
                known.insert("aws.events.rule-name".into(), json!(rule));
                known.insert("aws.events.rule-arn".into(), json!(rule_arn));
                known.insert("aws.events.event.ingestion-time".into(), event["time"].clone());
                known.insert("aws.events.event".into(), event.clone());
                known.insert("aws.events.event.json".into(), event.clone());
                substitute(template, &known)
            }
        }
    }
}

/// Replaces `<name>`: a text inside quotes goes in bare, anything else as JSON.
fn substitute(template: &str, known: &BTreeMap<String, Value>) -> String {
    let mut filled = String::new();
    let mut rest = template;
    let mut quoted = false;
    while let Some(letter) = rest.chars().next() {
        if letter == '<'
            && let Some((name, after)) = rest[1..].split_once('>')
            && let Some(value) = known.get(name)
        {
            match value {
                Value::String(text) if quoted => {
                    let escaped = json!(text).to_string();
                    filled.push_str(&escaped[1..escaped.len() - 1]);
                }
                value if quoted => filled.push_str(&value.to_string().replace('"', "\\\"")),
                value => filled.push_str(&value.to_string()),
            }
            rest = after;
            continue;
        }
        if letter == '"' && !filled.ends_with('\\') {
            quoted = !quoted;
        }
        filled.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    filled
}

/// `$.detail.items[0].name`: the members and positions that EventBridge's paths may name.
fn at_path(event: &Value, path: &str) -> Option<Value> {
    let mut at = event;
    for step in path.strip_prefix('$')?.split('.').filter(|step| !step.is_empty()) {
        let (name, positions) = step.split_once('[').map_or((step, ""), |(name, rest)| (name, rest));
        if !name.is_empty() {
            at = at.get(name)?;
        }
        for position in positions.split('[').filter(|position| !position.is_empty()) {
            let position = position.trim_end_matches(']').trim_matches('\'');
            at = position.parse::<usize>().map_or_else(|_| at.get(position), |index| at.get(index))?;
        }
    }
    Some(at.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_inside_and_outside_quotes() {
        let target = json!({ "InputTransformer": {
            "InputPathsMap": { "state": "$.detail.state", "n": "$.detail.list[1]", "none": "$.nowhere" },
            "InputTemplate": "{\"text\": \"is <state>\", \"raw\": <n>, \"none\": \"<none>\", \"rule\": <aws.events.rule-name>}",
        } });
        let event = json!({ "detail": { "state": "\"RED\"", "list": [1, { "x": 2 }] } });
        let filled = TargetInput::read(&target.into()).unwrap().fill(&event, "r", "arn");
        assert_eq!(
            serde_json::from_str::<Value>(&filled).unwrap(),
            json!({ "text": "is \"RED\"", "raw": { "x": 2 }, "none": "", "rule": "r" })
        );
    }

    #[test]
    fn a_path_sends_a_part_of_the_event() {
        let target = TargetInput::read(&json!({ "InputPath": "$.detail" }).into()).unwrap();
        assert_eq!(target.fill(&json!({ "detail": { "a": 1 } }), "r", "arn"), r#"{"a":1}"#);
    }
}
