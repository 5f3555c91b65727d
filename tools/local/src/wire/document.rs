//! JSON of the wire and values of the services: the same tree, with other names where the model has others.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::times::written;
use crate::model::{Kind, Location, Member, Model, ShapeId, Structure, TimeFormat};

/// Gives the members of a JSON body the model's names. Members that the model does not know are left out, as AWS's decoders do.
pub(super) fn read(model: &Model, shape: ShapeId, value: &mut Value) {
    match (&model.shape(shape).kind, value) {
        (Kind::Structure(structure), _) if structure.document => {}
        (Kind::Structure(structure), Value::Object(members)) => {
            if structure.renamed {
                let named = structure.members.iter();
                let named = named
                    .filter_map(|(name, member)| Some((name.clone(), members.swap_remove(wire_name(name, member))?)));
                *members = named.collect();
            }
            members.retain(|name, value| {
                let known = structure.members.get(name);
                known.is_some_and(|member| {
                    read(model, member.shape, value);
                    true
                })
            });
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            items.iter_mut().for_each(|each| read(model, item.shape, each));
        }
        (Kind::Map { value: held, .. }, Value::Object(entries)) => {
            entries.values_mut().for_each(|each| read(model, held.shape, each));
        }
        _ => {}
    }
}

/// A reply's structure as JSON is written of it, without a copy of it: members of the body alone, by their names on the wire,
/// without what is null or not in the model.
pub(super) struct Body<'a> {
    pub(super) model: &'a Model,
    pub(super) structure: &'a Structure,
    pub(super) value: &'a Value,
    /// True if members have their names on the wire.
    pub(super) renamed: bool,
}

/// A member's value as JSON is written of it.
pub(super) struct Written<'a> {
    pub(super) model: &'a Model,
    pub(super) member: &'a Member,
    pub(super) value: &'a Value,
    /// True if members have their names on the wire.
    pub(super) renamed: bool,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Self { model, structure, value, renamed } = self;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            let known = structure.members.get(name).filter(|member| member.location == Location::Body);
            if let Some(member) = known {
                let name = if renamed { wire_name(name, member) } else { name };
                map.serialize_entry(name, &Written { model, member, value, renamed })?;
            }
        }
        map.end()
    }
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let &Self { model, member, value, renamed } = self;
        match (&model.shape(member.shape).kind, value) {
            (Kind::Structure(structure), value) if structure.document => value.serialize(serializer),
            (Kind::Structure(structure), value) => Body { model, structure, value, renamed }.serialize(serializer),
            (Kind::List { item: member, .. }, Value::Array(items)) => {
                serializer.collect_seq(items.iter().map(|value| Self { model, member, value, renamed }))
            }
            (Kind::Map { value: member, .. }, Value::Object(entries)) => {
                let entries = entries.iter().filter(|(_, each)| !each.is_null());
                serializer.collect_map(entries.map(|(key, value)| (key, Self { model, member, value, renamed })))
            }
            (Kind::Timestamp, value) => written(model, member, TimeFormat::Seconds, value).serialize(serializer),
            // A double is written as one, whole or not: `30.0`.
            (Kind::Double, Value::Number(number)) => match number.as_f64() {
                Some(number) => serializer.serialize_f64(number),
                None => value.serialize(serializer),
            },
            (_, value) => value.serialize(serializer),
        }
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

    fn write(model: &Model, structure: &Structure, value: &Value, renamed: bool) -> Value {
        serde_json::to_value(Body { model, structure, value, renamed }).unwrap()
    }

    #[test]
    fn only_members_have_other_names_on_the_wire() {
        let model = model::of("apigateway").unwrap();
        let shape = model.operation("UpdateStage").unwrap().input.unwrap();
        let body =
            json!({ "routeSettings": { "GET /x": { "throttlingRateLimit": 1.0 } }, "stageVariables": { "Key": "v" } });
        let value =
            json!({ "RouteSettings": { "GET /x": { "ThrottlingRateLimit": 1.0 } }, "StageVariables": { "Key": "v" } });
        let mut read = body.clone();
        super::read(model, shape, &mut read);
        assert!(read.as_object().unwrap().iter().all(|(name, member)| member == &value[name]), "{read}");
        assert_eq!(write(model, model.structure(shape).unwrap(), &value, true), body);
    }

    #[test]
    fn a_double_is_written_as_one() {
        let model = model::of("logs").unwrap();
        let output = model.structure(model.operation("DescribeMetricFilters").unwrap().output.unwrap()).unwrap();
        let transformation =
            json!({ "metricName": "n", "metricNamespace": "s", "metricValue": "1", "defaultValue": 0 });
        let reply = json!({ "metricFilters": [{ "creationTime": 5, "metricTransformations": [transformation] }] });
        let written = write(model, output, &reply, false)["metricFilters"][0].to_string();
        assert!(written.contains(r#""defaultValue":0.0"#) && written.contains(r#""creationTime":5,"#), "{written}");
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
