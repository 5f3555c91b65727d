//! JSON of the wire and values of the services: the same tree, with other names where the model has others.

use serde_json::{Map, Value};

use super::times::written;
use crate::model::{Kind, Location, Member, Model, ShapeId, Structure, TimeFormat};

/// The members of a JSON body, by the model's names. Members that the model does not know are left out, as AWS's decoders do.
pub(super) fn read(model: &Model, shape: ShapeId, value: Value) -> Value {
    match (&model.shape(shape).kind, value) {
        (Kind::Structure(structure), value) if structure.document => value,
        (Kind::Structure(structure), Value::Object(mut members)) => {
            let read = structure.members.iter().filter_map(|(name, member)| {
                let value = members.shift_remove(wire_name(name, member))?;
                Some((name.clone(), read(model, member.shape, value)))
            });
            Value::Object(read.collect())
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            Value::Array(items.into_iter().map(|each| read(model, item.shape, each)).collect())
        }
        (Kind::Map { value: held, .. }, Value::Object(entries)) => {
            Value::Object(entries.into_iter().map(|(key, each)| (key, read(model, held.shape, each))).collect())
        }
        (_, other) => other,
    }
}

/// A reply's structure as JSON: members of the body alone, by their names on the wire, without what is null or not in the
/// model.
pub(super) fn write(model: &Model, structure: &Structure, value: &Value, renamed: bool) -> Value {
    let Value::Object(given) = value else { return Value::Object(Map::new()) };
    let body = structure.members.iter().filter(|(_, member)| member.location == Location::Body);
    let written = body.filter_map(|(name, member)| {
        let value = given.get(name).filter(|value| !value.is_null())?;
        let name = if renamed { wire_name(name, member) } else { name };
        Some((name.to_owned(), write_member(model, member, value, renamed)))
    });
    Value::Object(written.collect())
}

/// A member's value as JSON.
pub(super) fn write_member(model: &Model, member: &Member, value: &Value, renamed: bool) -> Value {
    match (&model.shape(member.shape).kind, value) {
        (Kind::Structure(structure), value) if structure.document => value.clone(),
        (Kind::Structure(structure), value) => write(model, structure, value, renamed),
        (Kind::List { item, .. }, Value::Array(items)) => {
            Value::Array(items.iter().map(|each| write_member(model, item, each, renamed)).collect())
        }
        (Kind::Map { value: held, .. }, Value::Object(entries)) => Value::Object(
            entries
                .iter()
                .filter(|(_, each)| !each.is_null())
                .map(|(key, each)| (key.clone(), write_member(model, held, each, renamed)))
                .collect(),
        ),
        (Kind::Timestamp, value) => written(model, member, TimeFormat::Seconds, value),
        // A double is written as one, whole or not: `30.0`.
        (Kind::Double, Value::Number(number)) => number.as_f64().map_or_else(|| value.clone(), Value::from),
        (_, value) => value.clone(),
    }
}

fn wire_name<'a>(name: &'a str, member: &'a Member) -> &'a str {
    member.wire_name.as_deref().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model;

    #[test]
    fn only_members_have_other_names_on_the_wire() {
        let model = model::of("apigateway").unwrap();
        let shape = model.operation("UpdateStage").unwrap().input.unwrap();
        let body =
            json!({ "routeSettings": { "GET /x": { "throttlingRateLimit": 1.0 } }, "stageVariables": { "Key": "v" } });
        let value =
            json!({ "RouteSettings": { "GET /x": { "ThrottlingRateLimit": 1.0 } }, "StageVariables": { "Key": "v" } });
        let read = read(model, shape, body.clone());
        assert!(read.as_object().unwrap().iter().all(|(name, member)| member == &value[name]), "{read}");
        assert_eq!(write(model, model.structure(shape).unwrap(), &value, true), body_in_order(model, shape, &body));
    }

    fn body_in_order(model: &Model, shape: ShapeId, body: &Value) -> Value {
        let names = model.structure(shape).unwrap().members.iter().map(|(name, member)| wire_name(name, member));
        Value::Object(names.filter_map(|name| Some((name.to_owned(), body.get(name)?.clone()))).collect())
    }

    #[test]
    fn a_double_is_written_as_one() {
        let model = model::of("logs").unwrap();
        let output = model.structure(model.operation("DescribeMetricFilters").unwrap().output.unwrap()).unwrap();
        let transformation =
            json!({ "metricName": "n", "metricNamespace": "s", "metricValue": "1", "defaultValue": 0 });
        let reply = json!({ "metricFilters": [{ "creationTime": 5, "metricTransformations": [transformation] }] });
        let written = write(model, output, &reply, false)["metricFilters"][0].to_string();
        assert!(written.contains(r#""defaultValue":0.0"#) && written.contains(r#""creationTime":5}"#), "{written}");
    }

    #[test]
    fn a_reply_has_no_nulls_and_nothing_that_the_model_lacks() {
        let model = model::of("ssm").unwrap();
        let output = model.structure(model.operation("GetParameter").unwrap().output.unwrap()).unwrap();
        let reply = json!({ "Parameter": { "Name": "/a", "Value": null, "Other": 1, "LastModifiedDate": "1970-01-01T00:00:01Z" } });
        assert_eq!(
            write(model, output, &reply, false),
            json!({ "Parameter": { "Name": "/a", "LastModifiedDate": 1 } })
        );
    }
}
