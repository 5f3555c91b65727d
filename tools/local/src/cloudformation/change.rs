//! One resource's change as a change set lists it: data alone.

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Add,
    /// It is changed or replaced.
    Modify,
    /// It is deleted, or kept and forgotten.
    Remove,
}

/// Whether a modified resource is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Yes.
    True,
    /// No.
    False,
    /// If the value turns out to differ.
    Conditional,
}

/// One change of one property or attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// `Properties`, `Tags`, `UpdatePolicy` …
    pub attribute: &'static str,
    /// The property, of `Properties`.
    pub name: Option<String>,
    /// Whether a change of it needs a new resource.
    pub recreates: bool,
    /// Whether the new value is known.
    pub is_static: bool,
    /// `DirectModification`, `ParameterReference`, `ResourceReference`, `ResourceAttribute`.
    pub source: &'static str,
    /// The parameter, resource or attribute.
    pub causing: Option<String>,
}

/// A change of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// To which resource.
    pub logical_id: String,
    /// Its physical id, when it exists.
    pub physical_id: Option<String>,
    /// Its type.
    pub resource_type: String,
    /// Of a modified resource.
    pub replacement: Option<Replacement>,
    /// What it keeps that would otherwise be deleted.
    pub policy: Option<&'static str>,
    /// Of a modified resource.
    pub details: Vec<Detail>,
}
