//! A template's text, and where things stand in it.

use serde_json::Value;
use slipway_shared::template::{Content, Node, TemplateError, TextFault, parse};

use super::super::errors::{template_format, validation};
use crate::core::ServiceError;

/// The text of a template with the lines of what it declares.
#[derive(Clone, Debug)]
pub struct Source {
    /// The text as it was handed in.
    pub body: String,
    /// The tree, short forms made long.
    pub tree: Node,
}

impl Source {
    /// Reads a template.
    ///
    /// # Errors
    /// `Template format error` when it cannot be read, or holds a null.
    pub fn read(body: String) -> Result<Self, ServiceError> {
        let tree = parse(&body).map_err(|error| unreadable(&body, &error))?;
        if let Some(path) = tree.entries().iter().find_map(|entry| null_in(&format!("/{}", entry.key), &entry.value)) {
            return Err(validation(format!("[{path}] 'null' values are not allowed in templates")));
        }
        Ok(Self { body, tree })
    }

    /// The transforms that the template asks for.
    pub fn transforms(&self) -> Vec<String> {
        match self.tree.get("Transform").map(Node::to_json) {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => {
                names.iter().map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned)).collect()
            }
            Some(other) => vec![other.to_string()],
            None => Vec::new(),
        }
    }

    /// The line of a resource, or of the resource that a transform made it from: SAM names what it makes after its
    /// origin (`ApiRole` comes from `Api`).
    pub fn line_of_resource(&self, logical_id: &str) -> usize {
        self.tree.line_of(&format!("/Resources/{}", self.origin(logical_id)))
    }

    /// The line of a resource's property, or of the resource where the property is not in the text.
    pub fn line_of_property(&self, logical_id: &str, property: &str) -> usize {
        self.tree.line_of(&format!("/Resources/{}/Properties/{}", self.origin(logical_id), property))
    }

    fn origin<'a>(&'a self, logical_id: &'a str) -> &'a str {
        let declared = self.tree.get("Resources").map(Node::entries).unwrap_or_default();
        declared
            .iter()
            .map(|entry| entry.key.as_str())
            .filter(|key| logical_id.starts_with(key))
            .max_by_key(|key| key.len())
            .unwrap_or(logical_id)
    }
}

/// AWS says only where a text stops being one. Assumed: the words about what can be read and is not allowed.
fn unreadable(body: &str, error: &TemplateError) -> ServiceError {
    let TemplateError { line, column, message, fault } = error;
    let format = if body.trim_start().starts_with('{') { "JSON" } else { "YAML" };
    match fault {
        TextFault::Form => template_format(format!("{format} not well-formed. (line {line}, column {column})")),
        TextFault::Meaning => template_format(format!("{message} (line {line}, column {column})")),
        TextFault::Structure => template_format("unsupported structure."),
    }
}

/// The path of a null as AWS shows it: from the section on.
fn null_in(path: &str, node: &Node) -> Option<String> {
    match &node.content {
        Content::Null => Some(path.to_owned()),
        Content::List(items) => {
            items.iter().enumerate().find_map(|(index, item)| null_in(&format!("{path}/{index}"), item))
        }
        Content::Map(entries) => {
            entries.iter().find_map(|entry| null_in(&format!("{path}/{}", entry.key), &entry.value))
        }
        _ => None,
    }
}
