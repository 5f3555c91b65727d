//! The declarations of a template.

use indexmap::IndexMap;
use serde_json::Value;

/// The sections of a template.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// `Description`, a text for people.
    pub description: Option<String>,
    /// The names of the transforms that it asks for.
    pub transforms: Vec<String>,
    /// `Parameters`, by name.
    pub parameters: IndexMap<String, ParameterDeclaration>,
    /// `Mappings`, two levels deep.
    pub mappings: Value,
    /// `Conditions`, not evaluated.
    pub conditions: IndexMap<String, Value>,
    /// `Resources`, by logical id, in the order of the template.
    pub resources: IndexMap<String, ResourceDeclaration>,
    /// `Outputs`, by name.
    pub outputs: IndexMap<String, OutputDeclaration>,
    /// `Rules`, by name.
    pub rules: IndexMap<String, RuleDeclaration>,
}

/// A parameter that a template takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterDeclaration {
    /// The type, such as `String` or `AWS::SSM::Parameter::Value<String>`.
    pub parameter_type: String,
    /// The value when none is given.
    pub default: Option<String>,
    /// The only values it may have; any when empty.
    pub allowed_values: Vec<String>,
    /// The regular expression that the whole value must match.
    pub allowed_pattern: Option<String>,
    /// The fewest characters of the value.
    pub min_length: Option<u64>,
    /// The most characters of the value.
    pub max_length: Option<u64>,
    /// The least number that the value may be.
    pub min_value: Option<f64>,
    /// The greatest number that the value may be.
    pub max_value: Option<f64>,
    /// True if its value is never shown.
    pub no_echo: bool,
    /// The text that the template gives for people.
    pub description: Option<String>,
    /// The text of the refusal of a value.
    pub constraint_description: Option<String>,
}

/// The fate of a resource that the stack no longer wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays, and the stack forgets it.
    Retain,
    /// It stays, unless it was made by the very operation that failed.
    RetainExceptOnCreate,
}

/// A resource as a template declares it: intrinsics not resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceDeclaration {
    /// The type, such as `AWS::Lambda::Function`.
    pub resource_type: String,
    /// `Properties`; an empty object when there are none.
    pub properties: Value,
    /// `DependsOn`: the logical ids of resources that come first.
    pub depends_on: Vec<String>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// `DeletionPolicy`: the fate of the resource when the stack no longer declares it. Null when there is none; intrinsics
    /// not resolved.
    pub deletion_policy: Value,
    /// `UpdateReplacePolicy`: the fate of the resource when another takes its place. Null when there is none; intrinsics not
    /// resolved.
    pub update_replace_policy: Value,
    /// `Metadata`; null when there is none.
    pub metadata: Value,
    /// `UpdatePolicy`; null when there is none.
    pub update_policy: Value,
}

/// An output as a template declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputDeclaration {
    /// `Value`, intrinsics not resolved.
    pub value: Value,
    /// `Export`'s `Name`, intrinsics not resolved.
    pub export: Option<Value>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// The text that the template gives for people.
    pub description: Option<String>,
}

/// A rule as a template declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDeclaration {
    /// The condition under which it asserts anything.
    pub condition: Option<Value>,
    /// The conditions that must be true, each with the text for when it is not.
    pub assertions: Vec<(Value, Option<String>)>,
}
