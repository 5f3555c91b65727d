//! The engine of one stack, with the run that is under way.

use super::super::provider::ProviderLookup;
use super::super::stack::Stack;
use super::run::Run;
use crate::core::Ids;

/// One stack and what is being done to it.
#[derive(Debug)]
pub struct StackEngine {
    /// The stack, as it is at this moment.
    pub stack: Stack,
    pub(super) run: Option<Run>,
    pub(super) lookup: ProviderLookup,
    pub(super) ids: Ids,
    pub(super) calls: u64,
}
