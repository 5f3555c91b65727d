//! AWS's knowledge of resource types: names, properties, attributes. Facts from the CloudFormation registry, kept beside
//! the crate's sources (`resource-types`); what the plane runs of them is the providers' to say.

mod check;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::OnceLock;

use serde::Deserialize;

pub use check::faults;

const TYPES: &str = include_str!("../../../resource-types/types.json");
const NAMES: &str = include_str!("../../../resource-types/names.txt");

/// A resource type as AWS's registry has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// The properties, with `definitions` for what they refer to.
    #[serde(flatten)]
    pub shape: Shape,
    #[serde(default)]
    definitions: BTreeMap<String, Shape>,
    /// The properties by which a resource is told from others of its type.
    #[serde(default)]
    pub primary_identifier: Vec<String>,
    #[serde(default)]
    read_only_properties: BTreeSet<String>,
    /// The properties whose change makes a new resource.
    #[cfg(test)]
    #[serde(default)]
    pub create_only_properties: BTreeSet<String>,
}

/// The form that a value must have.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    #[serde(rename = "type", default)]
    kinds: Kinds,
    /// The members of an object, by name.
    #[serde(default)]
    pub properties: BTreeMap<String, Shape>,
    #[serde(default)]
    pattern_properties: BTreeMap<String, Shape>,
    additional_properties: Option<Additional>,
    items: Option<Box<Shape>>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "enum", default)]
    choices: Vec<serde_json::Value>,
    #[serde(default)]
    required: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Kinds {
    #[default]
    Any,
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Additional {
    Whether(bool),
    Like(Box<Shape>),
}

impl Shape {
    fn may_be(&self, kind: &str) -> bool {
        match &self.kinds {
            Kinds::Any => true,
            Kinds::One(one) => one == kind,
            Kinds::Several(several) => several.iter().any(|one| one == kind),
        }
    }
}

impl ResourceType {
    /// True if `Fn::GetAtt` gives that attribute on AWS. A structure's members are asked for with dots.
    pub fn has_attribute(&self, attribute: &str) -> bool {
        let path = attribute.replace('.', "/");
        self.read_only_properties.iter().any(|known| {
            *known == path || path.starts_with(&format!("{known}/")) || known.starts_with(&format!("{path}/"))
        })
    }

    /// True if a template may give the property: attributes are the service's to give.
    pub fn is_writable(&self, property: &str) -> bool {
        self.shape.properties.contains_key(property) && !self.read_only_properties.contains(property)
    }
}

/// The type of that name, where its schema is kept: of every type that the plane runs.
pub fn resource_type(name: &str) -> Option<&'static ResourceType> {
    resource_types().get(name)
}

/// The types whose schemas are kept, by name.
pub fn resource_types() -> &'static BTreeMap<String, ResourceType> {
    static KNOWN: OnceLock<BTreeMap<String, ResourceType>> = OnceLock::new();
    // The file is part of the program, and a test reads it: it cannot fail to be read here.
    KNOWN.get_or_init(|| serde_json::from_str(TYPES).unwrap_or_default())
}

/// True if AWS has a resource type of that name, run by the plane or not.
pub fn is_known(name: &str) -> bool {
    static NAMED: OnceLock<HashSet<&'static str>> = OnceLock::new();
    NAMED.get_or_init(|| NAMES.lines().collect()).contains(name) || name.starts_with("Custom::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_schemas_are_read_whole() {
        let all: BTreeMap<String, ResourceType> = serde_json::from_str(TYPES).unwrap();
        assert!(all.len() > 25 && all.keys().all(|name| is_known(name)), "{:?}", all.keys());
        assert!(is_known("AWS::SQS::Queue") && is_known("Custom::Thing") && !is_known("AWS::SQS::Que"));
    }

    #[test]
    fn attributes_are_what_aws_gives() {
        let bucket = resource_type("AWS::S3::Bucket").unwrap();
        assert!(bucket.has_attribute("WebsiteURL") && !bucket.has_attribute("BucketName"));
        assert!(bucket.is_writable("BucketName") && !bucket.is_writable("Arn") && !bucket.is_writable("Colour"));
    }
}
