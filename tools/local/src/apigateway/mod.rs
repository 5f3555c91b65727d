//! API Gateway's HTTP APIs: APIs, routes, integrations, stages, and a front door for each.
//!
//! Every API listens on a loopback port of its own from the moment it exists, which is its `ApiEndpoint`. Only Lambda
//! proxy integrations are run. Routes are open, or ask for a signature (any will do) or for a token that a JWT authorizer
//! accepts; Lambda authorizers, custom domains and WebSocket APIs are refused.

mod answer;
mod api;
mod authorizer;
mod cors;
mod door;
mod event;
mod gate;
mod import;
mod integration;
mod issuer_keys;
mod jwt;
mod route;
mod routes;
mod stage;
mod state;
#[cfg(test)]
mod tests;
mod throttle;

pub use self::state::service;
