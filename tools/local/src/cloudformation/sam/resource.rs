//! A SAM resource as it was written, and the plain resources it becomes.

use serde_json::{Map, Value, json};

use super::transform_error::TransformError;

/// The attributes that a SAM resource hands on to everything that is made from it.
const PASSED_ON: [&str; 3] = ["Condition", "DeletionPolicy", "UpdateReplacePolicy"];

/// The attributes that may stand beside `Type` and `Properties`. `IgnoreGlobals` has done its work by the time a resource is read.
const ATTRIBUTES: [&str; 5] = ["Condition", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "Metadata"];

/// A fault of one resource.
pub(super) fn fault(logical_id: &str, message: impl Into<String>) -> TransformError {
    TransformError { logical_id: logical_id.to_owned(), message: message.into() }
}

/// An `AWS::Serverless::*` resource, globals merged.
#[derive(Clone, Debug)]
pub(super) struct SamResource {
    pub(super) logical_id: String,
    pub(super) properties: Map<String, Value>,
    pub(super) depends_on: Value,
    pub(super) attributes: Map<String, Value>,
}

impl SamResource {
    /// Reads a resource and refuses what the transform would otherwise lose: attributes and properties that it does
    /// not know, or knows and does not run.
    pub(super) fn read(logical_id: &str, written: &Value, supported: &[&str]) -> Result<Self, TransformError> {
        let body = written.as_object().ok_or_else(|| fault(logical_id, "a resource must be an object"))?;
        let properties = match body.get("Properties") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(properties)) => properties.clone(),
            Some(_) => return Err(fault(logical_id, "Properties of a resource must be an object")),
        };
        if let Some(name) = properties.keys().find(|name| !supported.contains(&name.as_str())) {
            let kind = body.get("Type").and_then(Value::as_str).unwrap_or_default();
            return Err(fault(logical_id, format!("property {name} of {kind} is not supported by the local plane")));
        }
        let mut attributes = Map::new();
        for (name, value) in body {
            match name.as_str() {
                "Type" | "Properties" | "DependsOn" | "IgnoreGlobals" => {}
                known if ATTRIBUTES.contains(&known) => {
                    attributes.insert(name.clone(), value.clone());
                }
                other => {
                    return Err(fault(logical_id, format!("resource attribute {other} is not supported")));
                }
            }
        }
        let depends_on = body.get("DependsOn").cloned().unwrap_or_default();
        Ok(Self { logical_id: logical_id.to_owned(), properties, depends_on, attributes })
    }

    /// A property, null when it is not there.
    pub(super) fn property(&self, name: &str) -> Value {
        self.properties.get(name).cloned().unwrap_or_default()
    }

    /// A property that must be an object when it is there.
    pub(super) fn object(&self, name: &str) -> Result<Option<&Map<String, Value>>, TransformError> {
        match self.properties.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(self.fault(format!("property {name} must be a map"))),
        }
    }

    /// The attributes that derived resources inherit.
    pub(super) fn passed_on(&self) -> Map<String, Value> {
        self.attributes
            .iter()
            .filter(|(name, _)| PASSED_ON.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> TransformError {
        fault(&self.logical_id, message)
    }
}

/// A plain CloudFormation resource that the transform makes.
#[derive(Clone, Debug)]
pub(super) struct Generated {
    pub(super) logical_id: String,
    pub(super) kind: &'static str,
    pub(super) depends_on: Value,
    pub(super) attributes: Map<String, Value>,
    pub(super) properties: Map<String, Value>,
}

impl Generated {
    pub(super) fn new(logical_id: impl Into<String>, kind: &'static str, attributes: Map<String, Value>) -> Self {
        Self { logical_id: logical_id.into(), kind, depends_on: Value::Null, attributes, properties: Map::new() }
    }

    /// Sets a property, unless the value is null.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        if !value.is_null() {
            self.properties.insert(name.to_owned(), value);
        }
    }

    /// The entry of the template's `Resources`.
    pub(super) fn into_entry(self) -> (String, Value) {
        let mut body = Map::new();
        body.insert("Type".to_owned(), json!(self.kind));
        if !self.depends_on.is_null() {
            body.insert("DependsOn".to_owned(), self.depends_on);
        }
        body.extend(self.attributes);
        body.insert("Properties".to_owned(), Value::Object(self.properties));
        (self.logical_id, Value::Object(body))
    }
}

/// SAM's map of tags as CloudFormation's list.
pub(super) fn tag_list(tags: &Map<String, Value>) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": if value.is_null() { json!("") } else { value.clone() } }))
        .collect()
}

/// True if a value is an intrinsic function: one member, `Ref`, `Condition` or `Fn::…`.
pub(super) fn is_intrinsic(value: &Value) -> bool {
    intrinsic_name(value).is_some()
}

/// The name of the intrinsic function that a value is.
pub(super) fn intrinsic_name(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let name = object.keys().next()?.as_str();
    (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then_some(name)
}

/// True if a value is `!Ref AWS::NoValue`.
pub(super) fn is_no_value(value: &Value) -> bool {
    *value == json!({ "Ref": "AWS::NoValue" })
}

/// `Fn::If` over one condition, with nothing for the other case.
pub(super) fn only_if(condition: &Value, value: Value) -> Value {
    json!({ "Fn::If": [condition, value, { "Ref": "AWS::NoValue" }] })
}
