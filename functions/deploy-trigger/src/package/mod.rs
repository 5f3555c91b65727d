//! From a build's artifact to what CloudFormation is given: verified, packaged, addressed by content.
//!
//! Artifact and packages are files without a name: memory holds the texts, and pieces of the rest (docs/adr/0019).

mod code;
mod contents;
mod machine;
mod prepare;
mod zipped;

use code::{CodeReferenceError, LocalCode, code_references, point_to};
pub(crate) use contents::{Package, Packaged};
pub(crate) use prepare::{Circumstances, PrepareError, prepare};
