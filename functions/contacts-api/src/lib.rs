//! The contacts API: the sample tenant that Slipway delivers.
//!
//! A request travels `lambda` (event to HTTP and back) → `http` (an axum router) → `domain` (pure: what a contact is, every fault
//! of a bad one) → `store` (ports; DynamoDB behind them). Nothing personal is ever logged: no body, no field, no owner.

pub mod domain;
pub mod http;
pub mod interchange;
pub mod lambda;
pub mod openapi;
pub mod settings;
pub mod store;
pub mod telemetry;
