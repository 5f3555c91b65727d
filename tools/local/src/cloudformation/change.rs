//! One resource's change as a change set lists it: data alone.

use serde_json::Value;

/// The action of a change set on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The resource is made.
    Add,
    /// The resource is changed or replaced.
    Modify,
    /// The resource is deleted, or kept and forgotten.
    Remove,
}

/// The `Replacement` of a modified resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// A new resource takes its place.
    True,
    /// It is changed in place.
    False,
    /// A new resource takes its place if the value turns out to differ.
    Conditional,
}

/// One change of one property or attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The kind of the change: `Properties`, `Tags`, `UpdatePolicy` …
    pub attribute: &'static str,
    /// The name of the property; none unless the attribute is `Properties`.
    pub name: Option<String>,
    /// True if a change of it needs a new resource.
    pub recreates: bool,
    /// True if the new value is known.
    pub is_static: bool,
    /// The `ChangeSource`: `DirectModification`, `ParameterReference`, `ResourceReference` or `ResourceAttribute`.
    pub source: &'static str,
    /// The parameter, resource or attribute from which the change comes.
    pub causing: Option<String>,
}

/// A change of a resource, as DescribeChangeSet lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The action on the resource.
    pub action: Action,
    /// The logical id of the resource.
    pub logical_id: String,
    /// The physical id of the resource, if it exists.
    pub physical_id: Option<String>,
    /// The type of the resource.
    pub resource_type: String,
    /// The replacement; none unless the resource is modified.
    pub replacement: Option<Replacement>,
    /// The `PolicyAction`, for a resource that is removed or replaced.
    pub policy: Option<&'static str>,
    /// The changes of single properties; none unless the resource is modified.
    pub details: Vec<Detail>,
    /// The properties that the resource has, as far as they may be shown; none if it is not there yet.
    pub before: Option<Value>,
    /// The properties that it is to have, as far as they are known; none if it is removed.
    pub after: Option<Value>,
}
