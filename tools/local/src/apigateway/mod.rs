//! API Gateway's HTTP APIs: APIs, routes, integrations, authorizers, deployments, stages, and a front door for each API.
//!
//! Every API listens on a loopback port of its own from the moment it exists, which is its `ApiEndpoint`. Proxies to
//! functions and to HTTP endpoints are run. Routes are open, or ask for a signature (any will do), for a token that a JWT
//! authorizer accepts, or for what a Lambda authorizer lets through. Parameter mapping, private integrations, integrations
//! with AWS services, custom domains, REST and WebSocket APIs are refused by their names.

mod access_log;
mod admission;
mod answer;
mod api;
mod api_operations;
mod authorizer;
mod cors;
mod definition;
mod definition_operations;
mod denial;
mod deployment;
mod deployments;
mod door;
mod errors;
mod event;
mod front_door;
mod gate;
mod http_proxy;
mod identity;
mod identity_source;
mod import;
mod integration;
mod invocation;
mod issuer_keys;
mod jwt;
mod lambda_authorizer;
mod members;
mod page;
mod permission;
mod reception;
mod request;
mod resource_tags;
mod response;
mod route;
mod routes;
mod service;
mod stage;
mod stage_operations;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod throttle;
mod way;
mod wildcard;

pub(crate) use self::definition_operations::refused_issuer;
pub use self::service::service;
