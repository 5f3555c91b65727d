//! CloudFormation templates as text: YAML or JSON in, a tree with line numbers out.
//!
//! The tree has the long form of every intrinsic function (`!Ref a` becomes `{"Ref": "a"}`), so that nothing that
//! reads it needs to know the short forms. Nothing is evaluated here and nothing is checked beyond what makes the
//! text readable: whether the template makes sense is for whoever deploys it.
//!
//! Whatever CloudFormation does not read (aliases, hash merges, tags other than its own) is refused with its place, as
//! is a key that occurs twice, of which CloudFormation would silently keep the last.
//!
//! The tree itself is always there; the reader of YAML is the feature `template`.

#[cfg(feature = "template")]
mod document;
#[cfg(feature = "template")]
mod intrinsic;
mod node;
#[cfg(feature = "template")]
mod parse;
#[cfg(feature = "template")]
mod scalar;
#[cfg(test)]
#[cfg(feature = "template")]
mod tests;

#[cfg(feature = "template")]
pub use document::{Document, parse_document};
pub use node::{Content, Entry, Node};
#[cfg(feature = "template")]
pub use parse::{TemplateError, TextFault, parse};
