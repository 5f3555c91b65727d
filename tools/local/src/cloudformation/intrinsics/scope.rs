//! The scope in which intrinsics are resolved: everything that is known of a stack.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fault::Fault;
use super::reference::Reference;

/// The values that do not change while a stack operation runs.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// The values of `Ref`, by parameter and pseudo parameter.
    pub names: BTreeMap<String, Value>,
    /// The template's `Mappings`.
    pub mappings: Value,
    /// The conditions, evaluated.
    pub conditions: BTreeMap<String, bool>,
    /// The values of the exports that the template imports.
    pub imports: BTreeMap<String, String>,
    /// The values of the SSM parameters that `{{resolve:ssm:…}}` names, by what stands after `ssm:`. Before they are
    /// read, dynamic references stay as they stand.
    pub dynamic: Option<BTreeMap<String, String>>,
}

/// The known values of the stack's resources.
pub trait Resources {
    /// The value of `Ref`.
    ///
    /// # Errors
    /// Fails if it is not known yet, or there is no such resource.
    fn reference(&self, logical_id: &str) -> Result<Value, Fault>;

    /// The value of `Fn::GetAtt`.
    ///
    /// # Errors
    /// Fails if it is not known yet, or there is no such resource or attribute.
    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Value, Fault>;
}

/// A world without resources: every reference to one is unknown.
#[derive(Clone, Copy, Debug)]
pub struct NoResources;

impl Resources for NoResources {
    fn reference(&self, logical_id: &str) -> Result<Value, Fault> {
        Err(Fault::Unknown(vec![Reference { logical_id: logical_id.to_owned(), attribute: None, in_sub: false }]))
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Value, Fault> {
        let attribute = Some(attribute.to_owned());
        Err(Fault::Unknown(vec![Reference { logical_id: logical_id.to_owned(), attribute, in_sub: false }]))
    }
}

/// The values with which intrinsics are resolved.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The parameters, mappings, conditions and imports.
    pub fixed: &'a Fixed,
    /// The stack's resources, as far as they are known.
    pub resources: &'a dyn Resources,
}
