//! The template as CloudFormation understands it: sections, resources, outputs.
//!
//! [`Source`] is the text with its lines; [`Template`] is what it says, after the SAM transform when it asks for one.
//! Everything that the plane does not run is refused here by name and line, before anything is done.

mod model;
mod sections;
mod source;
mod support;

pub use model::{ParameterDeclaration, Policy, ResourceDeclaration, Template};
pub use sections::{parameters, scalar_text};
pub use source::Source;
pub use support::{check_support, required_capability};
