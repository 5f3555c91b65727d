//! The declarations of what a service of the plane runs, and the gates before every one of its operations.
//!
//! A declaration is one line beside the handler: the operation's name, the members that it honours, what IAM calls it and what
//! it is done to, and the function. From AWS's model ([`crate::model`]) and the declaration follows all the rest, for every
//! service alike: what is refused and in which words, what is not run and is named, who may call it, and who hears of it.

mod declared;
mod keys;
mod modelled;
mod resources;

#[cfg(test)]
mod tests;

pub(crate) use declared::{Operation, Table};
pub(crate) use modelled::Modelled;
