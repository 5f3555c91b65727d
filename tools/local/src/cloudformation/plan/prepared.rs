//! The plan of a stack: its template, read, checked and bound to its values.

use serde_json::Value;

use super::super::graph::Graph;
use super::super::intrinsics::Fixed;
use super::super::parameters::ParameterValue;
use super::super::template::{Source, Template};
use super::draft::Settings;

/// The form that a stack is to take, or has taken.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The template as it was handed in.
    pub source: Source,
    /// The template after its transform.
    pub processed: Value,
    /// The declarations of the processed template.
    pub template: Template,
    /// The values of the parameters, defaults included.
    pub parameters: Vec<ParameterValue>,
    /// The values that its intrinsics resolve to, resources apart.
    pub fixed: Fixed,
    /// The resources and what they wait for.
    pub graph: Graph,
    /// The settings that come with the template.
    pub settings: Settings,
}
