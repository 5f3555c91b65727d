//! The API through its router, over the store in memory: one module for each concern.

mod api;
mod bodies;
mod changes;
mod conditions;
mod cors;
mod exports;
mod imports;
mod lists;
mod negotiation;
mod owners;
mod rates;
mod repeats;
mod resources;
mod stores;
