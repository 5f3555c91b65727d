//! awsQuery: forms in, XML out.

use axum::body::Bytes;
use axum::response::Response;
use http::request::Parts;
use quick_xml::escape::escape;
use serde_json::{Map, Value};

use super::codes::{Names, side};
use super::response::{request_id, respond};
use super::times::written;
use crate::core::{Reply, ServiceError};
use crate::model::{Kind, Member, Model, Operation, ShapeId, Structure, TimeFormat, from_text};

/// The deepest nesting of parameters that is read: no model has more.
const DEPTH: usize = 24;

/// The action and its parameters, by the types of the model: `A.member.1.B=x` is `{"A": [{"B": "x"}]}`.
pub(super) fn decode(model: Option<&Model>, parts: &Parts, body: &Bytes) -> (String, Value) {
    let query = parts.uri.query().unwrap_or_default();
    let mut operation = String::new();
    let mut root = Tree::default();
    for (name, value) in form_urlencoded::parse(body).chain(form_urlencoded::parse(query.as_bytes())) {
        match name.as_ref() {
            "Action" => operation = value.into_owned(),
            "Version" => {}
            path if path.split('.').count() > DEPTH => {}
            path => root.insert(path, value.into_owned()),
        }
    }
    let shape = model.and_then(|model| Some((model, model.operation(&operation)?.input?)));
    let input = shape.map_or_else(|| Value::Object(Map::new()), |(model, shape)| root.read(model, shape, false));
    (operation, input)
}

/// Parameters while they are collected: a leaf, or children by name.
#[derive(Default)]
struct Tree {
    leaf: Option<String>,
    children: indexmap::IndexMap<String, Tree>,
}

impl Tree {
    fn insert(&mut self, path: &str, value: String) {
        let node = path.split('.').fold(self, |node, name| node.children.entry(name.to_owned()).or_default());
        node.leaf = Some(value);
    }

    /// The value that the parameters under this name are.
    fn read(mut self, model: &Model, shape: ShapeId, flat: bool) -> Value {
        match &model.shape(shape).kind {
            Kind::Structure(structure) => {
                let members = structure.members.iter().filter_map(|(name, member)| {
                    let child = self.children.swap_remove(member.wire_name.as_deref().unwrap_or(name))?;
                    Some((name.clone(), child.read(model, member.shape, member.flattened)))
                });
                Value::Object(members.collect())
            }
            Kind::List { item, flattened } => {
                let items =
                    if flat || *flattened { self } else { self.child(item.wire_name.as_deref().unwrap_or("member")) };
                Value::Array(items.numbered().map(|each| each.read(model, item.shape, false)).collect())
            }
            Kind::Map { key, value, flattened } => {
                let entries = if flat || *flattened { self } else { self.child("entry") };
                let (named, held) =
                    (key.wire_name.as_deref().unwrap_or("key"), value.wire_name.as_deref().unwrap_or("value"));
                let read = entries.numbered().filter_map(|mut entry| {
                    let name = entry.child(named).leaf?;
                    Some((name, entry.child(held).read(model, value.shape, false)))
                });
                Value::Object(read.collect())
            }
            kind => {
                let text = self.leaf.unwrap_or_default();
                from_text(kind, &text).unwrap_or(Value::String(text))
            }
        }
    }

    fn child(&mut self, name: &str) -> Self {
        self.children.swap_remove(name).unwrap_or_default()
    }

    /// Children in the order of their numbers.
    fn numbered(self) -> impl Iterator<Item = Self> {
        let mut members: Vec<(u64, Self)> =
            self.children.into_iter().filter_map(|(n, child)| Some((n.parse().ok()?, child))).collect();
        members.sort_by_key(|(number, _)| *number);
        members.into_iter().map(|(_, child)| child)
    }
}

/// The reply as XML, in the service's namespace.
pub(super) fn encode(model: Option<&Model>, operation: &str, reply: Reply) -> Response {
    let id = request_id();
    match reply {
        Ok(output) => {
            let known = model.and_then(|model| Some((model, model.operation(operation)?)));
            let result = known.map(|(model, known)| result(model, known, &output)).unwrap_or_default();
            let namespace = model.map(|model| model.namespace.as_str()).unwrap_or_default();
            let xml = format!(
                "<{operation}Response xmlns=\"{}\">{result}<ResponseMetadata><RequestId>{id}</RequestId>\
                 </ResponseMetadata></{operation}Response>",
                escape(namespace)
            );
            respond(200, "text/xml", xml)
        }
        Err(error) => refuse(model, &error, &id),
    }
}

fn result(model: &Model, operation: &Operation, output: &Value) -> String {
    let mut xml = String::new();
    if let Some(structure) = operation.output.and_then(|shape| model.structure(shape)) {
        let wrapper = operation.result_wrapper.clone().unwrap_or_else(|| format!("{}Result", operation.name));
        xml.push_str(&format!("<{wrapper}>"));
        write_structure(&mut xml, model, structure, output);
        xml.push_str(&format!("</{wrapper}>"));
    }
    xml
}

fn refuse(model: Option<&Model>, error: &ServiceError, id: &str) -> Response {
    let message = match error.message.as_str() {
        "" => String::new(),
        text => format!("<Message>{}</Message>", escape(text)),
    };
    let xml = format!(
        "<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code>{message}</Error>\
         <RequestId>{id}</RequestId></ErrorResponse>",
        escape(model.map(|model| model.namespace.as_str()).unwrap_or_default()),
        side(error.status),
        escape(Names::of(model, &error.code).code),
    );
    respond(error.status, "text/xml", xml)
}

fn write_structure(xml: &mut String, model: &Model, structure: &Structure, value: &Value) {
    for (name, member) in &structure.members {
        if let Some(value) = value.get(name).filter(|value| !value.is_null()) {
            write_named(xml, model, member.wire_name.as_deref().unwrap_or(name), member, value);
        }
    }
}

/// A member as elements of that name.
fn write_named(xml: &mut String, model: &Model, name: &str, member: &Member, value: &Value) {
    match (&model.shape(member.shape).kind, value) {
        (Kind::List { item, flattened }, Value::Array(items)) => {
            let flat = *flattened || member.flattened;
            let inner = if flat { name } else { item.wire_name.as_deref().unwrap_or("member") };
            let write = |xml: &mut String| items.iter().for_each(|each| write_named(xml, model, inner, item, each));
            if flat { write(xml) } else { element(xml, name, write) }
        }
        (Kind::Map { key, value: held, flattened }, Value::Object(entries)) => {
            let flat = *flattened || member.flattened;
            let (named, valued) =
                (key.wire_name.as_deref().unwrap_or("key"), held.wire_name.as_deref().unwrap_or("value"));
            let write = |xml: &mut String| {
                for (entry_name, each) in entries {
                    element(xml, if flat { name } else { "entry" }, |xml| {
                        element(xml, named, |xml| xml.push_str(&escape(entry_name)));
                        write_named(xml, model, valued, held, each);
                    });
                }
            };
            if flat { write(xml) } else { element(xml, name, write) }
        }
        (Kind::Structure(structure), value) => element(xml, name, |xml| write_structure(xml, model, structure, value)),
        (Kind::Timestamp, value) => {
            let time = written(model, member, TimeFormat::Iso8601, value);
            element(xml, name, |xml| write_text(xml, &time));
        }
        (_, value) => element(xml, name, |xml| write_text(xml, value)),
    }
}

fn element(xml: &mut String, name: &str, inner: impl FnOnce(&mut String)) {
    xml.push_str(&format!("<{name}>"));
    inner(xml);
    xml.push_str(&format!("</{name}>"));
}

fn write_text(xml: &mut String, value: &Value) {
    match value {
        Value::String(text) => xml.push_str(&escape(text)),
        scalar => xml.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;
    use crate::model::of;

    fn decoded(service: &str, body: &'static str) -> Value {
        let parts = Request::new(()).into_parts().0;
        decode(of(service), &parts, &Bytes::from_static(body.as_bytes())).1
    }

    #[test]
    fn parameters_come_out_as_the_model_types_them() {
        let body = "Action=CreateStack&Version=2010&StackName=s&Parameters.member.2.ParameterKey=b&\
                    Parameters.member.1.ParameterKey=a&DisableRollback=true&TimeoutInMinutes=5&Unknown=1";
        assert_eq!(
            decoded("cloudformation", body),
            json!({
                "StackName": "s",
                "Parameters": [{ "ParameterKey": "a" }, { "ParameterKey": "b" }],
                "DisableRollback": true,
                "TimeoutInMinutes": 5,
            })
        );
        let body = "Action=CreateTopic&Name=n&Attributes.entry.1.key=k&Attributes.entry.1.value=v&Tags=";
        assert_eq!(decoded("sns", body), json!({ "Name": "n", "Attributes": { "k": "v" }, "Tags": [] }));
        let body =
            "Action=Publish&Message=m&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String";
        assert_eq!(
            decoded("sns", body),
            json!({ "Message": "m", "MessageAttributes": { "a": { "DataType": "String" } } })
        );
    }

    #[test]
    fn text_is_escaped_lists_are_wrapped_and_maps_have_entries() {
        let model = of("sns").unwrap();
        let xml = |operation: &str, value: Value| result(model, model.operation(operation).unwrap(), &value);
        assert_eq!(
            xml("GetTopicAttributes", json!({ "Attributes": { "<k>": "v&" }, "Other": 1 })),
            "<GetTopicAttributesResult><Attributes><entry><key>&lt;k&gt;</key><value>v&amp;</value></entry></Attributes></GetTopicAttributesResult>"
        );
        assert_eq!(
            xml("ListTopics", json!({ "Topics": [{ "TopicArn": "a" }], "NextToken": null })),
            "<ListTopicsResult><Topics><member><TopicArn>a</TopicArn></member></Topics></ListTopicsResult>"
        );
    }
}
