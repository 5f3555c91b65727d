//! Inputs made from a model, for tests that walk every operation.

use serde_json::{Map, Value, json};

use super::shape::{Kind, Model, ShapeId};

/// The depth to which structures are filled in; some models nest without end.
const DEPTH: usize = 6;

/// A value of `shape` that is not its default, with the members that must be there.
pub(crate) fn example(model: &Model, shape: ShapeId) -> Value {
    at_depth(model, shape, DEPTH)
}

/// The least input of an operation, and `member` if it is named.
pub(crate) fn input_with(model: &Model, shape: ShapeId, member: Option<&str>) -> Value {
    let mut input = required(model, shape, DEPTH);
    if let Some((name, known)) = member.and_then(|name| Some((name, model.structure(shape)?.members.get(name)?))) {
        input.insert(name.to_owned(), example(model, known.shape));
    }
    Value::Object(input)
}

fn required(model: &Model, shape: ShapeId, depth: usize) -> Map<String, Value> {
    let Some(structure) = model.structure(shape) else { return Map::new() };
    let members = structure.required.iter().filter_map(|name| Some((name, structure.members.get(name)?)));
    members.map(|(name, member)| (name.clone(), at_depth(model, member.shape, depth))).collect()
}

fn at_depth(model: &Model, shape: ShapeId, depth: usize) -> Value {
    let known = model.shape(shape);
    let limits = &known.constraints;
    let Some(below) = depth.checked_sub(1) else { return Value::Null };
    match &known.kind {
        Kind::Structure(structure) => {
            let mut members = required(model, shape, below);
            // A structure of which nothing must be there says something with its first member.
            let first = structure.members.iter().next().filter(|_| members.is_empty());
            members.extend(first.map(|(name, member)| (name.clone(), at_depth(model, member.shape, below))));
            Value::Object(members)
        }
        Kind::List { item, .. } => Value::Array(vec![at_depth(model, item.shape, below)]),
        Kind::Map { key, value, .. } => {
            let key = at_depth(model, key.shape, below);
            json!({ key.as_str().unwrap_or("key"): at_depth(model, value.shape, below) })
        }
        Kind::String => match limits.values.first() {
            Some(value) => json!(value),
            None => json!("a".repeat(length(limits.min))),
        },
        Kind::Blob => json!("YQ=="),
        Kind::Boolean => json!(true),
        Kind::Integer | Kind::Long => json!(length(limits.min)),
        Kind::Double => json!(limits.min.unwrap_or(0.0).max(1.0)),
        Kind::Timestamp => json!(1_767_225_600),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the models' least lengths are small")]
fn length(min: Option<f64>) -> usize {
    min.unwrap_or(1.0).max(1.0) as usize
}
