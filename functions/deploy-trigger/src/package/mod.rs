//! From a build's artifact to what CloudFormation is given: verified, packaged, addressed by content. Pure.

mod code;
mod contents;

pub(crate) use code::{CodeReferenceError, LocalCode, code_references, point_to};
pub(crate) use contents::{Packaged, package};
