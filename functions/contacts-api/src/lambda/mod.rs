//! Lambda's side: from an event of API Gateway, a function URL or a load balancer to a request for the router, and back.
//!
//! The event types are own and minimal: only what a request needs is parsed, nothing that a sender may leave out is required, and one
//! binary serves behind any of them without a setting.

mod caller;
mod event;
mod handler;
mod invocation;
mod reply;
mod serve;
mod shutdown;
mod target;
mod tolerant;

pub use self::event::{HttpEvent, RequestError};
pub use self::handler::{HandlerError, handle};
pub use self::reply::{Form, HttpReply};
pub use self::serve::serve;

#[cfg(test)]
mod tests;
