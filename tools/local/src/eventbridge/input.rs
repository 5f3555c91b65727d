//! The input of a target: the event, a constant, a part of it, or a template filled from it.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::path::Path;
use crate::core::{Input, ServiceError};

/// Placeholders that every template knows.
const PREDEFINED: &[&str] = &[
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// The way in which a target's input is made.
#[derive(Clone, Debug)]
pub(super) enum TargetInput {
    Event,
    Constant(String),
    Part(Path),
    Template { paths: BTreeMap<String, Path>, template: String },
}

/// The rule that an event comes by, as templates name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) rule: &'a str,
    pub(super) rule_arn: &'a str,
    /// The time at which EventBridge got the event.
    pub(super) ingested: &'a str,
}

impl TargetInput {
    /// Reads `Input`, `InputPath` or `InputTransformer` of the target `id`.
    pub(super) fn read(id: &str, target: &Input) -> Result<Self, ServiceError> {
        let given = |member: &str| target.opt_str(member).filter(|text| !text.is_empty());
        match (given("Input"), given("InputPath"), target.get("InputTransformer")) {
            (None, None, None) => Ok(Self::Event),
            (Some(text), None, None) => match serde_json::from_str::<Value>(text) {
                Ok(_) => Ok(Self::Constant(text.to_owned())),
                Err(error) => {
                    let message = format!("JSON syntax error in input for target {id}: {error}");
                    Err(ServiceError::validation(message))
                }
            },
            (None, Some(path), None) => parse(id, path).map(Self::Part),
            (None, None, Some(transformer)) => Self::transformer(id, transformer),
            _ => Err(ServiceError::validation(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
            ))),
        }
    }

    fn transformer(id: &str, transformer: &Value) -> Result<Self, ServiceError> {
        let template = transformer["InputTemplate"].as_str().unwrap_or_default().to_owned();
        let mut paths = BTreeMap::new();
        for (name, path) in transformer["InputPathsMap"].as_object().into_iter().flatten() {
            // Names that begin with AWS are AWS's.
            if name.to_ascii_lowercase().starts_with("aws") {
                let message = format!("InputPathsMap for target {id} contains the reserved placeholder {name}.");
                return Err(ServiceError::validation(message));
            }
            paths.insert(name.clone(), parse(id, path.as_str().unwrap_or_default())?);
        }
        for name in placeholders(&template) {
            if !paths.contains_key(name) && !PREDEFINED.contains(&name) {
                let message = format!("InputTemplate for target {id} contains invalid placeholder {name}.");
                return Err(ServiceError::validation(message));
            }
        }
        Ok(Self::Template { paths, template })
    }

    /// The text that the target is sent for `event`.
    pub(super) fn fill(&self, event: &Value, origin: Origin<'_>) -> String {
        match self {
            Self::Event => event.to_string(),
            Self::Constant(text) => text.clone(),
            Self::Part(path) => path.of(event).unwrap_or_default().to_string(),
            Self::Template { paths, template } => {
                let value = |name: &str| match name {
                    "aws.events.rule-name" => json!(origin.rule),
                    "aws.events.rule-arn" => json!(origin.rule_arn),
                    "aws.events.event.ingestion-time" => json!(origin.ingested),
                    "aws.events.event" => without_detail(event, origin.ingested),
                    "aws.events.event.json" => event.clone(),
                    name => paths.get(name).and_then(|path| path.of(event)).unwrap_or_else(|| json!("")),
                };
                substitute(template, value)
            }
        }
    }
}

fn parse(id: &str, path: &str) -> Result<Path, ServiceError> {
    // Assumed: the text.
    Path::parse(path).ok_or_else(|| ServiceError::validation(format!("Invalid InputPath for target {id} : {path}.")))
}

/// The event as `<aws.events.event>` has it: without its detail, its type spelt as a member.
fn without_detail(event: &Value, ingested: &str) -> Value {
    json!({
        "version": event["version"], "id": event["id"], "detailType": event["detail-type"],
        "source": event["source"], "account": event["account"], "time": ingested, "region": event["region"],
        "resources": event["resources"],
    })
}

fn is_placeholder(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The names in `<>`.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>').map(|(name, _)| name))
        .filter(|n| is_placeholder(n))
}

/// Replaces `<name>`: as JSON outside quotes. Inside them a text goes in bare, and a list or an object loses its quotes.
fn substitute(template: &str, value: impl Fn(&str) -> Value) -> String {
    let mut filled = String::new();
    let mut rest = template;
    let (mut quoted, mut escaped) = (false, false);
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        if letter == '<'
            && let Some((name, after)) = after.split_once('>').filter(|(name, _)| is_placeholder(name))
        {
            match value(name) {
                Value::String(text) if quoted => {
                    let json = json!(text).to_string();
                    filled.push_str(&json[1..json.len() - 1]);
                }
                nested if quoted => filled.push_str(&nested.to_string().replace('"', "")),
                value => filled.push_str(&value.to_string()),
            }
            rest = after;
            continue;
        }
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        filled.push(letter);
        rest = after;
    }
    filled
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const ORIGIN: Origin<'_> = Origin { rule: "r", rule_arn: "arn:rule", ingested: "2023-11-14T22:13:20Z" };

    fn event() -> Value {
        json!({
            "version": "0", "id": "i", "detail-type": "type", "source": "s", "account": "0", "time": "t",
            "region": "r", "resources": [], "detail": {
                "user": "7-a", "one": ["HIGH"], "two": ["ACTIVE", "INACTIVE"], "valid": true,
                "payload": { "acc": "7", "sf": "baz" }, "said": "\"no\"",
            },
        })
    }

    fn filled(template: &str) -> String {
        let target = json!({ "InputTransformer": { "InputTemplate": template, "InputPathsMap": {
            "user": "$.detail.user", "one": "$.detail.one", "two": "$.detail.two", "valid": "$.detail.valid",
            "payload": "$.detail.payload", "said": "$.detail.said", "none": "$.detail.nothing",
        }}});
        TargetInput::read("t", &target.into()).unwrap().fill(&event(), ORIGIN)
    }

    // AWS's own answers for templates of each kind.
    #[test_case(r#"{"path": "users/<user>", "body": <payload>}"#, r#"{"path": "users/7-a", "body": {"acc":"7","sf":"baz"}}"#; "in an object")]
    #[test_case(r#"{"list": [<user>, "fixed"]}"#, r#"{"list": ["7-a", "fixed"]}"#; "in a list")]
    #[test_case(r#"{"id": "<user>", "again": "<user>/<user>"}"#, r#"{"id": "7-a", "again": "7-a/7-a"}"#; "in quotes")]
    #[test_case(r#""<one> and <two> and <payload>""#, r#""[HIGH] and [ACTIVE,INACTIVE] and {acc:7,sf:baz}""#; "nested in quotes")]
    #[test_case(r#"{"one": <one>}"#, r#"{"one": ["HIGH"]}"#; "a list outside quotes")]
    #[test_case(r#""is <valid>!""#, r#""is true!""#; "a truth value")]
    #[test_case(r#""[<none>]""#, r#""[]""#; "nothing in quotes")]
    #[test_case(r#"{"none": <none>}"#, r#"{"none": ""}"#; "nothing outside quotes")]
    #[test_case(r#"{"said": "<said>"}"#, r#"{"said": "\"no\""}"#; "quotes in quotes")]
    #[test_case(r#""<aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>""#, r#""arn:rule r 2023-11-14T22:13:20Z""#; "of the rule")]
    #[test_case(r#""a < b > c""#, r#""a < b > c""#; "no placeholder")]
    #[test_case("\"<user> a\"\n\"<user> b\"", "\"7-a a\"\n\"7-a b\""; "two lines")]
    fn templates_are_filled_as_aws_fills_them(template: &str, expected: &str) {
        assert_eq!(filled(template), expected);
    }

    #[test]
    fn the_whole_event_comes_with_its_detail_or_without() {
        let both: Value =
            serde_json::from_str(&filled(r#"{"a": <aws.events.event>, "b": <aws.events.event.json>}"#)).unwrap();
        assert_eq!(both["b"], event());
        assert_eq!((&both["a"]["detailType"], both["a"].get("detail")), (&json!("type"), None));
    }

    #[test]
    fn a_part_or_a_constant_is_sent_as_it_is() {
        let part = TargetInput::read("t", &json!({ "InputPath": "$.detail.payload" }).into()).unwrap();
        assert_eq!(part.fill(&event(), ORIGIN), r#"{"acc":"7","sf":"baz"}"#);
        let constant = TargetInput::read("t", &json!({ "Input": "{\"a\": 1}" }).into()).unwrap();
        assert_eq!(constant.fill(&event(), ORIGIN), "{\"a\": 1}");
    }

    #[test_case(json!({"Input": "{}", "InputPath": "$"}), "Only one of Input, InputPath, or InputTransformer must be provided for target t."; "two at once")]
    #[test_case(json!({"InputTransformer": {"InputTemplate": "\"<x>\""}}), "InputTemplate for target t contains invalid placeholder x."; "an unknown placeholder")]
    fn faults_are_refused(target: Value, message: &str) {
        assert_eq!(TargetInput::read("t", &target.into()).unwrap_err().message, message);
    }

    proptest::proptest! {
        #[test]
        fn no_template_and_no_path_panics(template in "[<>\"\\\\a-z.\u{e4} {}]{0,40}", path in "\\$[.\\[\\]'*a-z0-9\u{e4}]{0,20}") {
            let target = json!({ "InputTransformer": {
                "InputTemplate": template, "InputPathsMap": { "a": path },
            }});
            if let Ok(input) = TargetInput::read("t", &target.into()) {
                input.fill(&event(), ORIGIN);
            }
        }
    }

    #[test_case(json!({"Input": "{"}); "no JSON")]
    #[test_case(json!({"InputPath": "detail"}); "no path")]
    #[test_case(json!({"InputTransformer": {"InputTemplate": "\"x\"", "InputPathsMap": {"aws.x": "$"}}}); "a reserved name")]
    fn what_cannot_be_read_is_refused(target: Value) {
        assert_eq!(TargetInput::read("t", &target.into()).unwrap_err().code, "ValidationException");
    }
}
