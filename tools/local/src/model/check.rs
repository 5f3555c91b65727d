//! Whether a value is what the model says: its type, and its constraints, every fault at once.
//!
//! Paths are written as AWS writes them in its messages: `tags.1.member.key`, first letters in lower case. Members that the
//! model does not know are left alone: AWS's own decoders skip them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::shape::{Kind, Model, Shape, ShapeId, Structure};

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The value is of another type: nothing else was looked at.
    Type(String),
    /// A constraint is not met.
    Constraint {
        /// The member of the input that holds the fault, by its name in the model.
        member: String,
        /// The path of the value.
        path: String,
        /// The value as messages show it; none when it is not there.
        shown: Option<String>,
        /// The rule, as AWS's messages write it: `Member must not be null`.
        rule: String,
    },
}

/// Every fault of `value` as an input of `shape`, types first: when a type is wrong, only that is told.
pub fn check(model: &Model, shape: ShapeId, value: &Value) -> Vec<Fault> {
    let mut checker = Checker { model, path: Vec::new(), types: Vec::new(), constraints: Vec::new() };
    checker.value(shape, value);
    match checker.types.into_iter().next() {
        Some(text) => vec![Fault::Type(text)],
        None => checker.constraints,
    }
}

struct Checker<'a> {
    model: &'a Model,
    path: Vec<String>,
    types: Vec<String>,
    constraints: Vec<Fault>,
}

impl Checker<'_> {
    fn value(&mut self, id: ShapeId, value: &Value) {
        let model = self.model;
        let shape = model.shape(id);
        match (&shape.kind, value) {
            (Kind::Structure(structure), _) if structure.document => {}
            (Kind::Structure(structure), Value::Object(members)) => self.structure(structure, members),
            (Kind::List { item, .. }, Value::Array(items)) => {
                self.size(shape, items.len(), value);
                for (place, each) in items.iter().enumerate() {
                    self.under(format!("{}.member", place + 1), |checker| checker.value(item.shape, each));
                }
            }
            (Kind::Map { key, value: held, .. }, Value::Object(entries)) => {
                self.size(shape, entries.len(), value);
                for (name, each) in entries {
                    self.key(key.shape, name);
                    self.under(format!("{name}.member"), |checker| checker.value(held.shape, each));
                }
            }
            (Kind::String, Value::String(text)) => self.text(shape, text),
            (Kind::Integer | Kind::Long, Value::Number(number)) if is_whole(number) => self.number(shape, value),
            (Kind::Double, Value::Number(_)) => self.number(shape, value),
            (Kind::Double, Value::String(text)) if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") => {}
            (Kind::Boolean, Value::Bool(_)) | (Kind::Timestamp, Value::Number(_)) => {}
            (Kind::Timestamp, Value::String(text)) if text.parse::<jiff::Timestamp>().is_ok() => {}
            (Kind::Blob, Value::String(text)) => match STANDARD.decode(text) {
                Ok(bytes) => self.size(shape, bytes.len(), &Value::Null),
                Err(_) => self.types.push("The value is not valid base64".to_owned()),
            },
            _ => self.types.push(mismatch(&shape.kind, value)),
        }
    }

    fn structure(&mut self, structure: &Structure, members: &Map<String, Value>) {
        for name in &structure.required {
            if members.get(name).is_none_or(Value::is_null) {
                self.under(lower_first(name), |checker| checker.refuse(None, "Member must not be null".to_owned()));
            }
        }
        for (name, member) in &structure.members {
            if let Some(value) = members.get(name).filter(|value| !value.is_null()) {
                self.under(lower_first(name), |checker| checker.value(member.shape, value));
            }
        }
    }

    fn size(&mut self, shape: &Shape, size: usize, value: &Value) {
        let shown = shown(shape, value);
        let (min, max) = (shape.constraints.min, shape.constraints.max);
        if let Some(min) = min.filter(|min| as_number(size) < *min) {
            self.refuse(Some(shown.clone()), format!("Member must have length greater than or equal to {min}"));
        }
        if let Some(max) = max.filter(|max| as_number(size) > *max) {
            self.refuse(Some(shown), format!("Member must have length less than or equal to {max}"));
        }
    }

    fn text(&mut self, shape: &Shape, text: &str) {
        let constraints = &shape.constraints;
        if !constraints.values.is_empty() {
            if !constraints.values.iter().any(|value| value == text) {
                let rule = format!("Member must satisfy enum value set: [{}]", constraints.values.join(", "));
                self.refuse(Some(shown(shape, &Value::String(text.to_owned()))), rule);
            }
            return;
        }
        self.size(shape, text.chars().count(), &Value::String(text.to_owned()));
        if let Some(pattern) = constraints.pattern.as_ref().filter(|pattern| !pattern.takes(text)) {
            let rule = format!("Member must satisfy regular expression pattern: {}", pattern.text());
            self.refuse(Some(shown(shape, &Value::String(text.to_owned()))), rule);
        }
    }

    fn number(&mut self, shape: &Shape, value: &Value) {
        let number = value.as_f64().unwrap_or_default();
        if let Some(min) = shape.constraints.min.filter(|min| number < *min) {
            self.refuse(Some(value.to_string()), format!("Member must have value greater than or equal to {min}"));
        }
        if let Some(max) = shape.constraints.max.filter(|max| number > *max) {
            self.refuse(Some(value.to_string()), format!("Member must have value less than or equal to {max}"));
        }
    }

    /// A key that is not what the model says is told at the map, with the rules of keys.
    fn key(&mut self, shape: ShapeId, key: &str) {
        let model = self.model;
        let mut keys = Checker { model, path: vec!["key".to_owned()], types: Vec::new(), constraints: Vec::new() };
        keys.text(model.shape(shape), key);
        let rules: Vec<String> = keys
            .constraints
            .into_iter()
            .filter_map(|fault| match fault {
                Fault::Constraint { rule, .. } => Some(rule),
                Fault::Type(_) => None,
            })
            .collect();
        if !rules.is_empty() {
            self.refuse(
                Some(format!("{{{key}=...}}")),
                format!("Map keys must satisfy constraint: [{}]", rules.join(", ")),
            );
        }
    }

    fn under(&mut self, name: String, act: impl FnOnce(&mut Self)) {
        self.path.push(name);
        act(self);
        self.path.pop();
    }

    fn refuse(&mut self, shown: Option<String>, rule: String) {
        let member = self.path.first().cloned().unwrap_or_default();
        self.constraints.push(Fault::Constraint { member, path: self.path.join("."), shown, rule });
    }
}

/// What AWS's JSON decoder says of a value of another type.
fn mismatch(kind: &Kind, value: &Value) -> String {
    let wanted = match kind {
        Kind::Structure(_) | Kind::Map { .. } | Kind::List { .. } => {
            return match value {
                Value::Object(_) => "Start of structure or map found where not expected.",
                Value::Array(_) => "Start of list found where not expected",
                _ => "Unexpected field type",
            }
            .to_owned();
        }
        Kind::String | Kind::Blob => "a String",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Double => "a Double",
        Kind::Boolean => "a Boolean",
        Kind::Timestamp => "a Timestamp",
    };
    let given = match value {
        Value::Object(_) => return "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => return "Start of list found where not expected".to_owned(),
        Value::String(_) => "STRING_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Null => "NULL_VALUE",
    };
    format!("{given} can not be converted to {wanted}")
}

/// A value as messages show it: Java's text of it.
fn shown(shape: &Shape, value: &Value) -> String {
    if shape.constraints.sensitive {
        return "***".to_owned();
    }
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        other => plain(other),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            let members: Vec<String> = members.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

fn is_whole(number: &serde_json::Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|value| value.fract() == 0.0)
}

#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
fn as_number(size: usize) -> f64 {
    size as f64
}

/// A member's name as messages write it.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(service: &str, operation: &str, input: Value) -> Vec<String> {
        let model = super::super::of(service).unwrap();
        let shape = model.operation(operation).unwrap().input.unwrap();
        check(model, shape, &input)
            .into_iter()
            .map(|fault| match fault {
                Fault::Type(text) => text,
                Fault::Constraint { path, shown, rule, .. } => format!("{path} {shown:?} {rule}"),
            })
            .collect()
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let input = json!({ "Names": [], "WithDecryption": true });
        assert_eq!(
            faults("ssm", "GetParameters", input),
            [r#"names Some("[]") Member must have length greater than or equal to 1"#]
        );
        let input = json!({ "Name": "", "Type": "Strange", "Tags": [{ "Value": "v" }] });
        assert_eq!(
            faults("ssm", "PutParameter", input),
            [
                "value None Member must not be null",
                r#"name Some("") Member must have length greater than or equal to 1"#,
                r#"type Some("Strange") Member must satisfy enum value set: [String, StringList, SecureString]"#,
                "tags.1.member.key None Member must not be null",
            ]
        );
    }

    #[test]
    fn another_type_is_told_alone() {
        let input = json!({ "Name": 1, "Value": "" });
        assert_eq!(faults("ssm", "PutParameter", input), ["NUMBER_VALUE can not be converted to a String"]);
        let input = json!({ "Path": "/", "MaxResults": "ten" });
        assert_eq!(faults("ssm", "GetParametersByPath", input), ["STRING_VALUE can not be converted to an Integer"]);
    }

    #[test]
    fn members_that_are_not_of_the_model_are_skipped() {
        assert!(faults("ssm", "GetParameter", json!({ "Name": "/a", "Other": [1] })).is_empty());
    }
}
