//! awsQuery: forms in, XML out.

use axum::body::Bytes;
use axum::response::Response;
use http::request::Parts;
use quick_xml::escape::escape;
use serde_json::{Map, Value};

use super::{request_id, respond, structure};
use crate::core::{Reply, Timestamp};

/// The action and its parameters, nested as the model has them: `A.member.1.B=x` is `{"A": [{"B": "x"}]}`.
pub(super) fn decode(parts: &Parts, body: &Bytes) -> (String, Value) {
    let query = parts.uri.query().unwrap_or_default();
    let mut operation = String::new();
    let mut root = Tree::default();
    for (name, value) in form_urlencoded::parse(body).chain(form_urlencoded::parse(query.as_bytes())) {
        match name.as_ref() {
            "Action" => operation = value.into_owned(),
            "Version" => {}
            path => root.insert(path, value.into_owned()),
        }
    }
    (operation, root.into_value())
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

    fn into_value(mut self) -> Value {
        if let Some(list) = self.children.swap_remove("member").or_else(|| self.children.swap_remove("entry")) {
            return list.into_list();
        }
        if self.children.is_empty() {
            // A lone `Member=` is how clients send an empty list; as text it reads as empty, too.
            return self.leaf.map_or_else(|| Value::Object(Map::new()), Value::String);
        }
        Value::Object(self.children.into_iter().map(|(name, child)| (name, child.into_value())).collect())
    }

    /// Members in the order of their numbers; `{key, value}` members stay objects of those two.
    fn into_list(self) -> Value {
        let mut members: Vec<(u64, Self)> =
            self.children.into_iter().filter_map(|(n, child)| Some((n.parse().ok()?, child))).collect();
        members.sort_by_key(|(number, _)| *number);
        Value::Array(members.into_iter().map(|(_, child)| child.into_value()).collect())
    }
}

/// The reply as XML in `namespace`.
pub(super) fn encode(namespace: &str, operation: &str, reply: Reply) -> Response {
    let id = request_id();
    match structure(reply) {
        Ok(output) => {
            let mut xml = format!("<{operation}Response xmlns=\"{}\"><{operation}Result>", escape(namespace));
            write_members(&mut xml, &output);
            xml.push_str(&format!(
                "</{operation}Result><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>"
            ));
            respond(200, "text/xml", xml)
        }
        Err(error) => {
            let side = if error.status >= 500 { "Receiver" } else { "Sender" };
            let xml = format!(
                "<ErrorResponse xmlns=\"{}\"><Error><Type>{side}</Type><Code>{}</Code><Message>{}</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>",
                escape(namespace),
                escape(&error.code),
                escape(&error.message),
            );
            respond(error.status, "text/xml", xml)
        }
    }
}

fn write_members(xml: &mut String, value: &Value) {
    let Value::Object(members) = value else { return };
    for (name, member) in members {
        match member {
            Value::Null => {}
            Value::Array(items) if name == "entry" => items.iter().for_each(|item| write_element(xml, "entry", item)),
            Value::Array(items) => {
                xml.push_str(&format!("<{name}>"));
                items.iter().for_each(|item| write_element(xml, "member", item));
                xml.push_str(&format!("</{name}>"));
            }
            // CloudWatch's values carry epoch seconds for its other protocols; in XML a time is a date.
            Value::Number(seconds) if name.ends_with("Timestamp") => {
                let millis = seconds.as_f64().unwrap_or_default() * 1000.0;
                #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit an i64")]
                let at = Timestamp::from_millis(millis as i64);
                write_element(xml, name, &Value::String(at.iso8601()));
            }
            other => write_element(xml, name, other),
        }
    }
}

fn write_element(xml: &mut String, name: &str, value: &Value) {
    xml.push_str(&format!("<{name}>"));
    match value {
        Value::Object(_) => write_members(xml, value),
        Value::String(text) => xml.push_str(&escape(text)),
        Value::Array(items) => items.iter().for_each(|item| write_element(xml, "member", item)),
        Value::Null => {}
        scalar => xml.push_str(&scalar.to_string()),
    }
    xml.push_str(&format!("</{name}>"));
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_lists_and_maps_come_out_as_the_model_has_them() {
        let body = Bytes::from_static(
            b"Action=CreateStack&Version=2010&StackName=s&Parameters.member.2.ParameterKey=b&\
              Parameters.member.1.ParameterKey=a&Attributes.entry.1.key=k&Attributes.entry.1.value=v",
        );
        let parts = Request::new(()).into_parts().0;
        let (operation, input) = decode(&parts, &body);
        assert_eq!(operation, "CreateStack");
        assert_eq!(
            input,
            json!({
                "StackName": "s",
                "Parameters": [{ "ParameterKey": "a" }, { "ParameterKey": "b" }],
                "Attributes": [{ "key": "k", "value": "v" }],
            })
        );
    }

    #[test]
    fn text_is_escaped_and_lists_are_wrapped() {
        let mut xml = String::new();
        write_members(&mut xml, &json!({ "A": ["<x>"], "M": { "entry": [{ "key": "k" }] }, "N": null }));
        assert_eq!(xml, "<A><member>&lt;x&gt;</member></A><M><entry><key>k</key></entry></M>");
    }
}
