//! A name that stands in an intrinsic.

use std::fmt;

/// A name that stands in a `Ref`, `Fn::GetAtt` or `Fn::Sub`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The logical id of the resource, or the name of the parameter.
    pub logical_id: String,
    /// The attribute; none unless the reference is `Fn::GetAtt`'s.
    pub attribute: Option<String>,
    /// True if it stands in a text of `Fn::Sub`.
    pub in_sub: bool,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.attribute {
            Some(attribute) => write!(f, "{}.{attribute}", self.logical_id),
            None => f.write_str(&self.logical_id),
        }
    }
}
