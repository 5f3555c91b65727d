//! The parts that a record leaves out: secrets, code, bodies.

use serde_json::{Map, Value};

use crate::core::Call;
use crate::model::{self, Kind, Model, ShapeId};

/// The text in a secret's place.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// The call's input, without what the model calls sensitive and without bytes.
pub(super) fn without_sensitive(call: &Call<'_>) -> Value {
    let known = model::of(call.service).and_then(|model| Some((model, model.operation(call.operation)?.input?)));
    known.map_or(Value::Null, |(model, shape)| hide(model, shape, call.input))
}

fn hide(model: &Model, shape: ShapeId, value: &Value) -> Value {
    let known = model.shape(shape);
    if known.constraints.sensitive {
        return HIDDEN.into();
    }
    match (&known.kind, value) {
        (Kind::Structure(structure), Value::Object(members)) => {
            let kept = members.iter().filter_map(|(name, value)| {
                let member = structure.members.get(name)?.shape;
                let is_bytes = matches!(model.shape(member).kind, Kind::Blob);
                (!is_bytes).then(|| (name.clone(), hide(model, member, value)))
            });
            Value::Object(kept.collect())
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            Value::Array(items.iter().map(|each| hide(model, item.shape, each)).collect())
        }
        (Kind::Map { value: held, .. }, Value::Object(entries)) => {
            Value::Object(entries.iter().map(|(key, each)| (key.clone(), hide(model, held.shape, each))).collect())
        }
        (_, value) => value.clone(),
    }
}

/// Members as records write them; null where there are none.
pub(super) fn parameters(value: &Value) -> Value {
    match value {
        Value::Object(members) if !members.is_empty() => Value::Object(lowered_deep(members)),
        _ => Value::Null,
    }
}

fn lowered_deep(members: &Map<String, Value>) -> Map<String, Value> {
    let mut lowered = lowered(members);
    for value in lowered.values_mut() {
        deepen(value);
    }
    lowered
}

fn deepen(value: &mut Value) {
    match value {
        Value::Object(members) => *members = lowered_deep(members),
        Value::Array(items) => items.iter_mut().for_each(deepen),
        _ => {}
    }
}

/// The members of a structure with first letters in lower case, as every record writes them.
pub(super) fn lowered(members: &Map<String, Value>) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| {
            let mut letters = name.chars();
            let name = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
            (name, value.clone())
        })
        .collect()
}
