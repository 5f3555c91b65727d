//! Checks a value against the model: its type, and its constraints, every fault at once.
//!
//! Paths are written as AWS writes them in its messages: `tags.1.member.key`, first letters in lower case. Members that the
//! model does not know are left alone: AWS's own decoders skip them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::shape::{Kind, Model, Shape, ShapeId, Structure};

/// A fault of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The value is of another type: nothing else was looked at.
    Type(String),
    /// A constraint is not met.
    Constraint {
        /// The path of the value.
        path: String,
        /// The value as messages show it.
        shown: Shown,
        /// The rule, as AWS's messages write it: `Member must not be null`.
        rule: String,
    },
}

/// A value in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The value is not there.
    Null,
    /// A secret, bytes, or too much of it: only its place is told.
    Hidden,
    /// The value in Java's spelling.
    Text(String),
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
                if self.model.shape(item.shape).is_scalar() {
                    self.each(item.shape, items.iter(), value, "Member must satisfy constraint");
                    return;
                }
                for (place, each) in items.iter().enumerate() {
                    self.under(format!("{}.member", place + 1), |checker| checker.value(item.shape, each));
                }
            }
            (Kind::Map { key, value: held, .. }, Value::Object(entries)) => {
                self.size(shape, entries.len(), value);
                let keys: Vec<Value> = entries.keys().cloned().map(Value::String).collect();
                self.each(key.shape, keys.iter(), value, "Map keys must satisfy constraint");
                if self.model.shape(held.shape).is_scalar() {
                    self.each(held.shape, entries.values(), value, "Map value must satisfy constraint");
                    return;
                }
                for (name, each) in entries {
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
                self.under(lower_first(name), |checker| {
                    checker.refuse(Shown::Null, "Member must not be null".to_owned())
                });
            }
        }
        for (name, member) in &structure.members {
            if let Some(value) = members.get(name).filter(|value| !value.is_null()) {
                self.under(lower_first(name), |checker| checker.value(member.shape, value));
            }
        }
    }

    fn size(&mut self, shape: &Shape, size: usize, value: &Value) {
        self.bounds(shape, as_number(size), "length", || shown(shape, value));
    }

    fn bounds(&mut self, shape: &Shape, is: f64, of: &str, shown: impl Fn() -> Shown) {
        if let Some(min) = shape.constraints.min.filter(|min| is < *min) {
            self.refuse(shown(), at_least(of, &bound(shape, min)));
        }
        if let Some(max) = shape.constraints.max.filter(|max| is > *max) {
            self.refuse(shown(), at_most(of, &bound(shape, max)));
        }
    }

    fn text(&mut self, shape: &Shape, text: &str) {
        let constraints = &shape.constraints;
        if !constraints.values.is_empty() {
            if !constraints.values.iter().any(|value| value == text) {
                self.refuse(shown(shape, &Value::String(text.to_owned())), one_of(&constraints.values));
            }
            return;
        }
        self.size(shape, text.chars().count(), &Value::String(text.to_owned()));
        if let Some(pattern) = constraints.pattern.as_ref().filter(|pattern| !pattern.takes(text)) {
            self.refuse(shown(shape, &Value::String(text.to_owned())), like(pattern.text()));
        }
    }

    fn number(&mut self, shape: &Shape, value: &Value) {
        self.bounds(shape, value.as_f64().unwrap_or_default(), "value", || shown(shape, value));
    }

    /// Scalars that are held together: one that breaks a rule is told at what holds them, with every rule of its kind, as in
    /// `Value '[…]' at 'labels' failed to satisfy constraint: Member must satisfy constraint: [Member must have length …]`.
    fn each<'v>(&mut self, id: ShapeId, items: impl Iterator<Item = &'v Value>, whole: &Value, said: &str) {
        let mut inside = Checker { model: self.model, path: Vec::new(), types: Vec::new(), constraints: Vec::new() };
        for item in items {
            inside.value(id, item);
        }
        self.types.append(&mut inside.types);
        if !inside.constraints.is_empty() {
            let shape = self.model.shape(id);
            self.refuse(shown(shape, whole), format!("{said}: [{}]", rules(shape).join(", ")));
        }
    }

    fn under(&mut self, name: String, act: impl FnOnce(&mut Self)) {
        self.path.push(name);
        act(self);
        self.path.pop();
    }

    fn refuse(&mut self, shown: Shown, rule: String) {
        self.constraints.push(Fault::Constraint { path: self.path.join("."), shown, rule });
    }
}

/// A bound as AWS prints it: that of a double with its point.
fn bound(shape: &Shape, bound: f64) -> String {
    if matches!(shape.kind, Kind::Double) { format!("{bound:?}") } else { bound.to_string() }
}

fn at_least(of: &str, min: &str) -> String {
    format!("Member must have {of} greater than or equal to {min}")
}

fn at_most(of: &str, max: &str) -> String {
    format!("Member must have {of} less than or equal to {max}")
}

fn one_of(values: &[String]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

fn like(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

/// Every rule of a scalar, in the order in which AWS lists them.
fn rules(shape: &Shape) -> Vec<String> {
    let constraints = &shape.constraints;
    if !constraints.values.is_empty() {
        return vec![one_of(&constraints.values)];
    }
    let of = if matches!(shape.kind, Kind::String | Kind::Blob) { "length" } else { "value" };
    let bounds = [
        constraints.max.map(|max| at_most(of, &bound(shape, max))),
        constraints.min.map(|min| at_least(of, &bound(shape, min))),
    ];
    let pattern = constraints.pattern.as_ref().map(|pattern| like(pattern.text()));
    bounds.into_iter().chain([pattern]).flatten().collect()
}

/// The complaint of AWS's JSON decoder about a value of another type.
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

/// A value as messages show it. Secrets, bytes and lists of structures are not shown: `Value at 'password' failed …`.
fn shown(shape: &Shape, value: &Value) -> Shown {
    if shape.constraints.sensitive || matches!(shape.kind, Kind::Blob) {
        return Shown::Hidden;
    }
    match value {
        Value::String(text) => Shown::Text(text.clone()),
        Value::Array(items) if items.iter().any(Value::is_object) => Shown::Hidden,
        Value::Array(items) => Shown::Text(format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))),
        other => Shown::Text(plain(other)),
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
                Fault::Constraint { path, shown: Shown::Text(shown), rule, .. } => format!("{path} '{shown}' {rule}"),
                Fault::Constraint { path, shown, rule, .. } => format!("{path} {shown:?} {rule}"),
            })
            .collect()
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let input = json!({ "Names": [], "WithDecryption": true });
        assert_eq!(
            faults("ssm", "GetParameters", input),
            ["names '[]' Member must have length greater than or equal to 1"]
        );
        let input = json!({ "Name": "", "Type": "Strange", "Tags": [{ "Value": "v" }] });
        assert_eq!(
            faults("ssm", "PutParameter", input),
            [
                "value Null Member must not be null",
                "name '' Member must have length greater than or equal to 1",
                "type 'Strange' Member must satisfy enum value set: [String, StringList, SecureString]",
                "tags.1.member.key Null Member must not be null",
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
    fn scalars_are_told_of_at_what_holds_them_with_every_rule_of_theirs() {
        let input = json!({ "Name": "/a", "Labels": ["good", "a".repeat(101)] });
        let path = format!("labels '[good, {}]'", "a".repeat(101));
        let rules =
            "Member must have length less than or equal to 100, Member must have length greater than or equal to 1";
        assert_eq!(
            faults("ssm", "LabelParameterVersion", input),
            [format!("{path} Member must satisfy constraint: [{rules}]")]
        );
        let input = json!({ "logGroupName": "g", "tags": { "k": "v".repeat(257) } });
        let faults = faults("logs", "CreateLogGroup", input);
        let [fault] = faults.as_slice() else { panic!("{faults:?}") };
        assert!(fault.starts_with(&format!("tags '{{k={}}}'", "v".repeat(257))), "{fault}");
        assert!(
            fault.contains("Map value must satisfy constraint: [Member must have length less than or equal to 256, "),
            "{fault}"
        );
        assert!(fault.contains(", Member must satisfy regular expression pattern: "), "{fault}");
    }

    #[test]
    fn secrets_bytes_and_lists_of_structures_are_not_shown() {
        let tags = vec![json!({ "Key": "k", "Value": "v" }); 1001];
        let input = json!({ "Name": "/a", "Value": "v", "Tags": tags });
        assert_eq!(
            faults("ssm", "PutParameter", input),
            ["tags Hidden Member must have length less than or equal to 1000"]
        );
    }

    #[test]
    fn members_that_are_not_of_the_model_are_skipped() {
        assert!(faults("ssm", "GetParameter", json!({ "Name": "/a", "Other": [1] })).is_empty());
    }
}
