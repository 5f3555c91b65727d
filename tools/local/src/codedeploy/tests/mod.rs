//! The service as its clients and the other services see it.

mod catalog;
mod deployments;
mod groups;
mod lambda;
mod registry;
mod roles;
mod world;
