//! AWS's own clients against the local plane.

#![expect(clippy::unwrap_used, reason = "a test's helpers may unwrap, too")]

mod api_access;
mod canary;
mod cloudformation;
mod contacts_document;
mod contacts_store;
mod delivery;
mod function_process;
mod gathering;
mod guard;
mod ledger;
mod memory;
mod plain;
mod privilege;
mod refusals;
mod rehearsal_commits;
mod shop;
mod stores;
mod suite;
mod tables;
mod templates;
mod tls;
mod workspace;
