//! A message: what a request says of it, checked, and how it reads for each receiver.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::errors::{invalid, invalid_value};
use crate::core::{Input, ServiceError, Timestamp};

/// The largest message with its attributes, in bytes.
pub(super) const MESSAGE_LIMIT: usize = 256 * 1024;
/// The longest subject, in characters.
const SUBJECT: usize = 100;

/// One message attribute. A binary value is base 64.
#[derive(Clone, Debug, PartialEq)]
struct Attribute {
    kind: String,
    value: String,
}

/// A message that was published.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) subject: Option<String>,
    pub(super) at: Timestamp,
    /// The version that endpoints are told the message is signed by.
    pub(super) signature_version: String,
    text: String,
    by_protocol: BTreeMap<String, String>,
    attributes: BTreeMap<String, Attribute>,
}

/// The message of a request, checked.
#[derive(Debug)]
pub(super) struct Draft {
    subject: Option<String>,
    text: String,
    by_protocol: BTreeMap<String, String>,
    attributes: BTreeMap<String, Attribute>,
}

impl Draft {
    /// Reads `Publish`, or an entry of `PublishBatch`.
    pub(super) fn read(input: &Input) -> Result<Self, ServiceError> {
        let text = input.opt_str("Message").unwrap_or_default().to_owned();
        if text.is_empty() {
            return Err(invalid("Empty message"));
        }
        if input.opt_str("MessageDeduplicationId").is_some() {
            return Err(invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            ));
        }
        let subject = input.opt_str("Subject");
        let is_subject =
            |text: &str| !text.is_empty() && text.chars().count() <= SUBJECT && !text.contains(char::is_control);
        if subject.is_some_and(|text| !is_subject(text)) {
            return Err(invalid("Subject"));
        }
        let by_protocol = match input.opt_str("MessageStructure") {
            None => BTreeMap::new(),
            Some("json") => structure(&text)?,
            // Assumed: the text.
            Some(_) => return Err(invalid("Invalid Message Structure")),
        };
        Ok(Self { subject: subject.map(str::to_owned), text, by_protocol, attributes: attributes(input)? })
    }

    /// The bytes that count against the limit.
    pub(super) fn size(&self) -> usize {
        let attributes = self.attributes.iter();
        self.text.len() + attributes.map(|(name, a)| name.len() + a.kind.len() + a.value.len()).sum::<usize>()
    }

    /// Makes the message that is published.
    pub(super) fn publish(self, id: String, topic: &str, at: Timestamp, signature_version: &str) -> Message {
        Message {
            id,
            topic: topic.to_owned(),
            subject: self.subject,
            at,
            signature_version: signature_version.to_owned(),
            text: self.text,
            by_protocol: self.by_protocol,
            attributes: self.attributes,
        }
    }
}

/// A text for each protocol, and one for the others.
fn structure(text: &str) -> Result<BTreeMap<String, String>, ServiceError> {
    let parsed: Value = serde_json::from_str(text).unwrap_or_default();
    let Value::Object(members) = parsed else {
        return Err(invalid("Message Structure - JSON message body failed to parse"));
    };
    let texts: BTreeMap<String, String> =
        members.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    match texts.contains_key("default") {
        true => Ok(texts),
        false => Err(invalid("Message Structure - No default entry in JSON message body")),
    }
}

fn attributes(input: &Input) -> Result<BTreeMap<String, Attribute>, ServiceError> {
    let given = input.get("MessageAttributes").and_then(Value::as_object).into_iter().flatten();
    given
        .map(|(name, attribute)| {
            checked_name(name)?;
            Ok((name.clone(), checked_attribute(name, attribute)?))
        })
        .collect()
}

fn checked_name(name: &str) -> Result<(), ServiceError> {
    if name.len() > 256 {
        return Err(invalid_value("Length of message attribute name must be less than 256 bytes."));
    }
    if let Some(bad) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !"-_.".contains(*c)) {
        return Err(invalid_value(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(bad)
        )));
    }
    if name.starts_with('.') {
        return Err(invalid_value("Invalid message attribute name starting with character '.' was found."));
    }
    if name.ends_with('.') {
        return Err(invalid_value("Invalid message attribute name ending with character '.' was found."));
    }
    if name.contains("..") {
        return Err(invalid_value("Message attribute name can not have successive '.' character."));
    }
    Ok(())
}

fn checked_attribute(name: &str, attribute: &Value) -> Result<Attribute, ServiceError> {
    let kind = attribute["DataType"].as_str().unwrap_or_default();
    let base = kind.split('.').next().unwrap_or_default();
    let (field, other) = match base {
        "String" | "Number" => ("String", "Binary"),
        "Binary" => ("Binary", "String"),
        _ => {
            return Err(invalid_value(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
            )));
        }
    };
    let value = |field: &str| attribute[format!("{field}Value")].as_str();
    if value(field).is_none() && value(other).is_some() {
        return Err(invalid_value(format!(
            "The message attribute '{name}' with type '{kind}' must use field '{field}'."
        )));
    }
    let Some(value) = value(field).filter(|value| !value.is_empty()) else {
        return Err(invalid_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{kind}'."
        )));
    };
    if base == "Number" && value.trim().parse::<f64>().is_err() {
        return Err(invalid_value(format!("Could not cast message attribute '{name}' value to number.")));
    }
    Ok(Attribute { kind: kind.to_owned(), value: value.to_owned() })
}

impl Message {
    /// The text for subscribers of a protocol.
    pub(super) fn text_for(&self, protocol: &str) -> &str {
        let own = self.by_protocol.get(protocol).or_else(|| self.by_protocol.get("default"));
        own.map_or(&self.text, String::as_str)
    }

    /// The attributes as a filter policy sees them: binary ones it does not.
    pub(super) fn filterable(&self) -> Value {
        let value = |attribute: &Attribute| match attribute.kind.split('.').next() {
            Some("Binary") => None,
            Some("Number") => serde_json::from_str(attribute.value.trim()).ok(),
            _ if attribute.kind == "String.Array" => serde_json::from_str(&attribute.value).ok(),
            _ => Some(json!(attribute.value)),
        };
        let all = self.attributes.iter();
        Value::Object(all.filter_map(|(name, attribute)| Some((name.clone(), value(attribute)?))).collect())
    }

    fn attributes(&self) -> Map<String, Value> {
        let one = |attribute: &Attribute| json!({ "Type": attribute.kind, "Value": attribute.value });
        self.attributes.iter().map(|(name, attribute)| (name.clone(), one(attribute))).collect()
    }

    /// The `Sns` member of a function's record: every member is there, and URLs are spelt as only functions see them.
    pub(super) fn record(&self, certificate: &str, unsubscribe: &str) -> Value {
        json!({
            "Type": "Notification", "MessageId": self.id, "TopicArn": self.topic, "Subject": self.subject,
            "Message": self.text_for("lambda"), "Timestamp": self.at.iso8601(), "SignatureVersion": "1",
            "Signature": "", "SigningCertUrl": certificate, "UnsubscribeUrl": unsubscribe,
            "MessageAttributes": self.attributes(),
        })
    }

    /// The body for an endpoint or a mailbox that takes JSON: what is empty is left out.
    pub(super) fn notification(&self, protocol: &str, certificate: &str, unsubscribe: &str) -> Value {
        let mut body = json!({ "Type": "Notification", "MessageId": self.id, "TopicArn": self.topic });
        if let Some(subject) = &self.subject {
            body["Subject"] = json!(subject);
        }
        body["Message"] = json!(self.text_for(protocol));
        body["Timestamp"] = json!(self.at.iso8601());
        body["SignatureVersion"] = json!(self.signature_version);
        body["Signature"] = json!("");
        body["SigningCertURL"] = json!(certificate);
        body["UnsubscribeURL"] = json!(unsubscribe);
        if !self.attributes.is_empty() {
            body["MessageAttributes"] = json!(self.attributes());
        }
        body
    }

    /// The message as a person reads it.
    pub(super) fn letter(&self) -> String {
        match &self.subject {
            Some(subject) => format!("{subject}\n\n{}", self.text_for("email")),
            None => self.text_for("email").to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn draft(more: Value) -> Result<Draft, ServiceError> {
        let mut input = json!({ "Message": "m" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Draft::read(&input.into())
    }

    #[test_case(json!({"Message": ""}), "Invalid parameter: Empty message"; "no message")]
    #[test_case(json!({"Subject": ""}), "Invalid parameter: Subject"; "an empty subject")]
    #[test_case(json!({"Subject": "a\nb"}), "Invalid parameter: Subject"; "a subject of two lines")]
    #[test_case(json!({"Subject": "x".repeat(101)}), "Invalid parameter: Subject"; "a long subject")]
    #[test_case(json!({"MessageStructure": "json"}), "Invalid parameter: Message Structure - JSON message body failed to parse"; "no JSON")]
    #[test_case(json!({"MessageStructure": "json", "Message": "{\"lambda\": \"x\"}"}), "Invalid parameter: Message Structure - No default entry in JSON message body"; "no default")]
    #[test_case(json!({"MessageStructure": "json", "Message": "{\"default\": {}}"}), "Invalid parameter: Message Structure - No default entry in JSON message body"; "a default that is no text")]
    #[test_case(json!({"MessageDeduplicationId": "x"}), "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type"; "a deduplication id")]
    fn faults_are_refused(more: Value, message: &str) {
        let error = draft(more).unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("InvalidParameter", message));
    }

    #[test_case("a", json!({"DataType": "String", "StringValue": ""}), "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'."; "an empty text")]
    #[test_case("a", json!({"DataType": "String"}), "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'."; "no text")]
    #[test_case("a", json!({"DataType": "Number", "BinaryValue": "MTIz"}), "The message attribute 'a' with type 'Number' must use field 'String'."; "a number in binary")]
    #[test_case("a", json!({"DataType": "Binary", "StringValue": "123"}), "The message attribute 'a' with type 'Binary' must use field 'Binary'."; "binary in text")]
    #[test_case("a", json!({"DataType": "Text", "StringValue": "123"}), "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."; "an unknown type")]
    #[test_case("price", json!({"DataType": "Number", "StringValue": "dear"}), "Could not cast message attribute 'price' value to number."; "no number")]
    #[test_case("a^", json!({"DataType": "String", "StringValue": "1"}), "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots."; "a letter that no name has")]
    #[test_case(".a", json!({"DataType": "String", "StringValue": "1"}), "Invalid message attribute name starting with character '.' was found."; "a dot first")]
    #[test_case("a.", json!({"DataType": "String", "StringValue": "1"}), "Invalid message attribute name ending with character '.' was found."; "a dot last")]
    #[test_case("a..b", json!({"DataType": "String", "StringValue": "1"}), "Message attribute name can not have successive '.' character."; "two dots")]
    fn attributes_are_checked(name: &str, attribute: Value, message: &str) {
        let error = draft(json!({ "MessageAttributes": { name: attribute } })).unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("ParameterValueInvalid", message));
    }

    #[test]
    fn a_filter_sees_numbers_and_arrays_as_what_they_are() {
        let attribute = |kind: &str, value: &str| json!({ "DataType": kind, "StringValue": value });
        let draft = draft(json!({ "MessageAttributes": {
            "text": attribute("String", "1"), "number": attribute("Number", "19.5"),
            "list": attribute("String.Array", "[\"a\", 2, null]"), "own": attribute("String.mine", "x"),
            "raw": { "DataType": "Binary", "BinaryValue": "AQI=" },
        }}));
        let message = draft.unwrap().publish("id".into(), "topic", Timestamp::from_millis(0), "1");
        let expected = json!({ "text": "1", "number": 19.5, "list": ["a", 2, null], "own": "x" });
        assert_eq!(message.filterable(), expected);
        assert_eq!(message.record("", "")["MessageAttributes"]["raw"], json!({ "Type": "Binary", "Value": "AQI=" }));
    }

    #[test]
    fn each_protocol_has_its_text_or_the_default() {
        let text = r#"{"default": "all", "lambda": "functions", "http": 1}"#;
        let draft = draft(json!({ "MessageStructure": "json", "Message": text })).unwrap();
        let message = draft.publish("id".into(), "topic", Timestamp::from_millis(0), "1");
        assert_eq!((message.text_for("lambda"), message.text_for("http")), ("functions", "all"));
    }
}
