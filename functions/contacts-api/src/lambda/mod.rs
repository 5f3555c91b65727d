//! Lambda's side: from an API Gateway event (HTTP API, payload 2.0) to a request for the router, and back.
//!
//! The event types are own and minimal: only what a request needs is parsed, and nothing that API Gateway may leave out is required.

mod event;
mod handler;
mod reply;
mod serve;

pub use self::event::{HttpEvent, RequestError};
pub use self::handler::{HandlerError, handle};
pub use self::reply::HttpReply;
pub use self::serve::serve;

#[cfg(test)]
mod tests;
