//! AWS's own clients against the local plane.

mod cloudformation;
mod contacts_store;
mod delivery;
mod refusals;
mod rehearsal_commits;
mod stores;
mod suite;
mod templates;
mod workspace;
