//! The template as CloudFormation understands it: sections, parameters, resources, outputs, rules.
//!
//! [`Source`] is the text with its lines; [`Template`] is what it says, after the SAM transform when it asks for one.
//! A template that is not as CloudFormation wants it is refused here in its words, before anything is done.

mod capabilities;
mod members;
mod model;
mod parameter;
mod resource;
mod sections;
mod source;

pub use capabilities::{check_capabilities, insufficient, required_capability};
pub use members::scalar_text;
pub use model::{ParameterDeclaration, Policy, ResourceDeclaration, RuleDeclaration, Template};
pub use parameter::parameters;
pub use resource::{DELETION_POLICY, UPDATE_REPLACE_POLICY, policy};
pub use source::Source;
