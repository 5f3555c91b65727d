//! What a template declares.

use indexmap::IndexMap;
use serde_json::Value;

/// A template's sections.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// `Description`.
    pub description: Option<String>,
    /// The transforms it asks for.
    pub transforms: Vec<String>,
    /// `Parameters`.
    pub parameters: IndexMap<String, ParameterDeclaration>,
    /// `Mappings`, two levels deep.
    pub mappings: Value,
    /// `Conditions`, not evaluated.
    pub conditions: IndexMap<String, Value>,
    /// `Resources`.
    pub resources: IndexMap<String, ResourceDeclaration>,
    /// `Outputs`.
    pub outputs: IndexMap<String, OutputDeclaration>,
    /// `Rules`.
    pub rules: IndexMap<String, RuleDeclaration>,
}

/// A parameter that a template takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterDeclaration {
    /// Such as `String` or `AWS::SSM::Parameter::Value<String>`.
    pub parameter_type: String,
    /// What it is when it is not given.
    pub default: Option<String>,
    /// The only values it may have; any when empty.
    pub allowed_values: Vec<String>,
    /// The regular expression that the whole value must match.
    pub allowed_pattern: Option<String>,
    /// The fewest characters.
    pub min_length: Option<u64>,
    /// The most characters.
    pub max_length: Option<u64>,
    /// The least number.
    pub min_value: Option<f64>,
    /// The greatest number.
    pub max_value: Option<f64>,
    /// Whether its value is never shown.
    pub no_echo: bool,
    /// For people.
    pub description: Option<String>,
    /// What is said when a value is refused.
    pub constraint_description: Option<String>,
}

/// What becomes of a resource that the stack no longer wants.
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
    /// Such as `AWS::Lambda::Function`.
    pub resource_type: String,
    /// `Properties`; an empty object when there are none.
    pub properties: Value,
    /// `DependsOn`.
    pub depends_on: Vec<String>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// `DeletionPolicy`.
    pub deletion_policy: Policy,
    /// `UpdateReplacePolicy`.
    pub update_replace_policy: Policy,
    /// `Metadata`; null when there is none. It is compared and never resolved.
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
    /// For people.
    pub description: Option<String>,
}

/// A rule as a template declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDeclaration {
    /// The condition under which it asserts anything.
    pub condition: Option<Value>,
    /// What must be true, each with what is said when it is not.
    pub assertions: Vec<(Value, Option<String>)>,
}
