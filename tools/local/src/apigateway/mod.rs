//! API Gateway's HTTP APIs: APIs, routes, integrations, stages, and a front door for each.
//!
//! Every API listens on a loopback port of its own from the moment it exists, which is its `ApiEndpoint`. Only Lambda
//! proxy integrations are run; authorizers, custom domains and WebSocket APIs are refused.

mod api;
mod door;
mod event;
mod import;
mod routes;
mod state;

pub use self::state::service;
