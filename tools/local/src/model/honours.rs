//! The members of an operation's input that a service honours, in a small notation beside the handler.
//!
//! `Name Value Tags{Key Value} Tier=Standard|Advanced` honours `Name`, `Value`, of each tag its key and its value, and of
//! `Tier` two values. A bare name honours a scalar, or all that a structure holds. Lists and maps are looked through. `*`
//! honours every member. The others may be absent, null, false, zero or empty: there, nothing is lost.

use std::collections::BTreeMap;

use serde_json::Value;

use super::shape::{Kind, Model, ShapeId};

/// A declaration that does not fit the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HonoursError {
    /// The notation is not closed, or closes what is not open.
    #[error("the braces of {0:?} do not fit")]
    Braces(String),
    /// The model has no such member.
    #[error("the model has no member {0}")]
    Unknown(String),
}

/// Honoured members of one structure.
#[derive(Clone, Debug, Default)]
pub struct Honours {
    all: bool,
    members: BTreeMap<String, Extent>,
}

#[derive(Clone, Debug)]
enum Extent {
    Whole,
    Values(Vec<String>),
    Parts(Honours),
}

impl Honours {
    /// Reads a declaration for the structure `shape`; `None` is an operation without input.
    ///
    /// # Errors
    /// Fails if the notation or a name is wrong.
    pub fn read(model: &Model, shape: Option<ShapeId>, declared: &str) -> Result<Self, HonoursError> {
        let spaced = declared.replace('{', " { ").replace('}', " } ");
        let mut words = spaced.split_whitespace().peekable();
        let honours = Self::parts(&mut words)?;
        if words.next().is_some() {
            return Err(HonoursError::Braces(declared.to_owned()));
        }
        honours.fits(model, shape, "")?;
        Ok(honours)
    }

    fn parts<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Result<Self, HonoursError> {
        let mut honours = Self::default();
        while let Some(word) = words.next_if(|word| *word != "}") {
            let (name, values) = word.split_once('=').map_or((word, None), |(name, values)| (name, Some(values)));
            let extent = match (values, words.next_if(|next| *next == "{")) {
                (_, Some(_)) => {
                    let parts = Self::parts(words)?;
                    words.next_if(|next| *next == "}").ok_or_else(|| HonoursError::Braces(word.to_owned()))?;
                    Extent::Parts(parts)
                }
                (Some(values), None) => Extent::Values(values.split('|').map(str::to_owned).collect()),
                (None, None) if name == "*" => {
                    honours.all = true;
                    continue;
                }
                (None, None) => Extent::Whole,
            };
            honours.members.insert(name.to_owned(), extent);
        }
        Ok(honours)
    }

    fn fits(&self, model: &Model, shape: Option<ShapeId>, path: &str) -> Result<(), HonoursError> {
        let structure = shape.and_then(|shape| innermost(model, shape));
        for (name, extent) in &self.members {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let member = structure.and_then(|id| model.structure(id)).and_then(|structure| structure.members.get(name));
            let member = member.ok_or_else(|| HonoursError::Unknown(path.clone()))?;
            if let Extent::Parts(parts) = extent {
                parts.fits(model, Some(member.shape), &path)?;
            }
        }
        Ok(())
    }

    /// The path of the first member of `input` that is not honoured and that would be lost; with its value if only some
    /// values are.
    pub fn lost(&self, model: &Model, shape: ShapeId, input: &Value) -> Option<String> {
        if self.all {
            return None;
        }
        match (&model.shape(shape).kind, input) {
            (Kind::Structure(structure), Value::Object(members)) => members.iter().find_map(|(name, value)| {
                let inner = structure.members.get(name)?.shape;
                match self.members.get(name) {
                    None => (!is_empty(value)).then(|| name.clone()),
                    Some(Extent::Whole) => None,
                    Some(Extent::Values(values)) => {
                        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        (!is_empty(value) && !values.contains(&text)).then(|| format!("{name}={text}"))
                    }
                    Some(Extent::Parts(parts)) => parts.lost(model, inner, value).map(|lost| format!("{name}.{lost}")),
                }
            }),
            (Kind::List { item, .. }, Value::Array(items)) => {
                items.iter().find_map(|value| self.lost(model, item.shape, value))
            }
            (Kind::Map { value, .. }, Value::Object(entries)) => {
                entries.values().find_map(|held| self.lost(model, value.shape, held))
            }
            _ => None,
        }
    }

    /// The names at the top that are honoured, whole or in part.
    pub fn names<'a>(&'a self, model: &'a Model, shape: ShapeId) -> impl Iterator<Item = &'a str> {
        let members = model.structure(shape).into_iter().flat_map(|structure| structure.members.keys());
        members.map(String::as_str).filter(|name| self.all || self.members.contains_key(*name))
    }
}

/// The structure in a list of lists, or a map, of structures.
fn innermost(model: &Model, shape: ShapeId) -> Option<ShapeId> {
    match &model.shape(shape).kind {
        Kind::Structure(_) => Some(shape),
        Kind::List { item, .. } => innermost(model, item.shape),
        Kind::Map { value, .. } => innermost(model, value.shape),
        _ => None,
    }
}

/// True if nothing is lost when the value is not read.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lost(declared: &str, input: Value) -> Option<String> {
        let model = super::super::of("ssm").unwrap();
        let shape = model.operation("PutParameter").unwrap().input.unwrap();
        Honours::read(model, Some(shape), declared).unwrap().lost(model, shape, &input)
    }

    #[test]
    fn a_member_that_is_not_honoured_is_named_unless_it_is_empty() {
        let declared = "Name Value Tier=Standard|Advanced Tags{Key}";
        assert_eq!(lost(declared, json!({ "Name": "/a", "Overwrite": false, "Policies": "", "Unknown": 1 })), None);
        assert_eq!(lost(declared, json!({ "Overwrite": true })), Some("Overwrite".to_owned()));
        assert_eq!(lost(declared, json!({ "Tier": "Advanced" })), None);
        assert_eq!(
            lost(declared, json!({ "Tier": "Intelligent-Tiering" })),
            Some("Tier=Intelligent-Tiering".to_owned())
        );
        assert_eq!(
            lost(declared, json!({ "Tags": [{ "Key": "k" }, { "Value": "v" }] })),
            Some("Tags.Value".to_owned())
        );
        assert_eq!(lost("*", json!({ "Overwrite": true })), None);
    }

    #[test]
    fn a_name_that_the_model_lacks_is_a_fault_of_the_declaration() {
        let model = super::super::of("ssm").unwrap();
        let shape = model.operation("PutParameter").unwrap().input;
        let read = |declared| Honours::read(model, shape, declared).map(|_| ());
        assert_eq!(read("Name Nope"), Err(HonoursError::Unknown("Nope".to_owned())));
        assert_eq!(read("Tags{Key Nope}"), Err(HonoursError::Unknown("Tags.Nope".to_owned())));
        assert!(matches!(read("Tags{Key"), Err(HonoursError::Braces(_))));
    }
}
