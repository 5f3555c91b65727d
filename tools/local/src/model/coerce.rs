//! Values that a template or a form spells as text, turned into what the model says they are.

use serde_json::{Map, Value};

use super::shape::{Kind, Model, ShapeId};

/// Turns numbers and truth values that are text into themselves, and scalars into text where the model has text. Other
/// values stay as they are, for the check to refuse.
pub fn coerce(model: &Model, shape: ShapeId, value: &mut Value) {
    match (&model.shape(shape).kind, &mut *value) {
        (Kind::Structure(structure), Value::Object(members)) => {
            for (name, member) in members.iter_mut() {
                if let Some(known) = structure.members.get(name) {
                    coerce(model, known.shape, member);
                }
            }
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            items.iter_mut().for_each(|each| coerce(model, item.shape, each));
        }
        (Kind::Map { value: held, .. }, Value::Object(entries)) => {
            entries.values_mut().for_each(|each| coerce(model, held.shape, each));
        }
        (Kind::Map { key, value: held, .. }, Value::Array(entries)) if !entries.is_empty() => {
            let names = (key.wire_name.as_deref().unwrap_or("key"), held.wire_name.as_deref().unwrap_or("value"));
            if let Some(map) = entries.iter_mut().map(|entry| pair(entry, names)).collect::<Option<Map<_, _>>>() {
                *value = Value::Object(map);
                coerce(model, shape, value);
            }
        }
        (kind, Value::String(text)) => {
            if let Some(scalar) = from_text(kind, text) {
                *value = scalar;
            }
        }
        (Kind::String, Value::Number(_) | Value::Bool(_)) => *value = Value::String(value.to_string()),
        _ => {}
    }
}

/// A scalar from its text; none where the kind is text, or the text is not of the kind.
pub fn from_text(kind: &Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Integer | Kind::Long => text.trim().parse::<i64>().ok().map(Value::from),
        Kind::Double => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
        Kind::Boolean => match text.trim() {
            "true" | "True" => Some(Value::Bool(true)),
            "false" | "False" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Timestamp => seconds(text),
        _ => None,
    }
}

/// A time as epoch seconds, from any way in which AWS's clients write one.
fn seconds(text: &str) -> Option<Value> {
    if let Ok(number) = text.parse::<f64>() {
        return Some(number.into());
    }
    let at = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| jiff::fmt::rfc2822::parse(text).map(|zoned| zoned.timestamp()))
        .or_else(|_| {
            text.parse::<jiff::civil::DateTime>().and_then(|civil| civil.in_tz("UTC")).map(|zoned| zoned.timestamp())
        })
        .ok()?;
    let millis = at.as_millisecond();
    if millis % 1000 == 0 { Some((millis / 1000).into()) } else { Some((millis as f64 / 1000.0).into()) }
}

fn pair(entry: &mut Value, (key, value): (&str, &str)) -> Option<(String, Value)> {
    let name = entry.get(key)?.as_str()?.to_owned();
    Some((name, entry.get_mut(value)?.take()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_becomes_what_the_model_says() {
        let model = super::super::of("sns").unwrap();
        let shape = model.operation("Publish").unwrap().input.unwrap();
        let mut input = json!({ "Message": 5, "MessageAttributes": [{ "Name": "a", "Value": { "DataType": "Number", "StringValue": "1" } }] });
        coerce(model, shape, &mut input);
        assert_eq!(
            input,
            json!({ "Message": "5", "MessageAttributes": { "a": { "DataType": "Number", "StringValue": "1" } } })
        );
        assert_eq!(from_text(&Kind::Boolean, "yes"), None);
        assert_eq!(from_text(&Kind::Timestamp, "2026-01-01T00:00:00Z"), Some(json!(1_767_225_600)));
        assert_eq!(from_text(&Kind::Timestamp, "Thu, 01 Jan 2026 00:00:00 GMT"), Some(json!(1_767_225_600)));
    }
}
