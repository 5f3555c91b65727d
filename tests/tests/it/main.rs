//! AWS's own clients against the local plane.

mod cloudformation;
mod delivery;
mod refusals;
mod stores;
mod templates;
