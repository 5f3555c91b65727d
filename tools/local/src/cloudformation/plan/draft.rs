//! The draft of a stack: a request, before it is prepared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::parameters::{Given, ParameterValue};
use super::super::template::Source;
use crate::core::Caller;

/// The name and the ARN of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackIdentity {
    /// The name, unique among the stacks that are not deleted.
    pub name: String,
    /// The ARN, which stays when the stack is deleted.
    pub id: String,
}

/// The members of a request beside template and parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The tags of the stack.
    pub tags: Vec<(String, String)>,
    /// The capabilities that were acknowledged last.
    pub capabilities: Vec<String>,
    /// The stack's service role, which acts in the caller's place.
    pub role_arn: Option<String>,
    /// The topics that hear of every event.
    pub notification_arns: Vec<String>,
}

/// A request, before it is prepared.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The identity of the stack, for `AWS::StackName` and `AWS::StackId`.
    pub stack: StackIdentity,
    /// The template as it was handed in.
    pub source: Source,
    /// The parameters of the request.
    pub given: Vec<Given>,
    /// The parameters that the stack has.
    pub previous: Vec<ParameterValue>,
    /// The members beside template and parameters.
    pub settings: Settings,
    /// The capabilities that the request itself acknowledges.
    pub acknowledged: Vec<String>,
    /// The exports of all stacks, by name.
    pub exports: BTreeMap<String, String>,
    /// The properties of the resources that exist, by logical id.
    pub live: BTreeMap<String, Value>,
    /// The only resource types that the request allows, with stars; any when empty.
    pub allowed_types: Vec<String>,
    /// The caller for which the template's Parameter Store values are read.
    pub caller: Caller,
    /// True if a transform must be acknowledged: a change set shows first what it gives, and needs none.
    pub direct: bool,
}
