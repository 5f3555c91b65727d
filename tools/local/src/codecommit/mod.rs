//! CodeCommit: bare repositories, git's smart HTTP protocol in front of them, and the event of every reference change.
//!
//! Repositories lie under `codecommit/<name>.git` in the plane's data directory. The API ([`service()`]) and the git
//! endpoint ([`git_router`]) meet only in the hub: the router asks the service by operation, like every other caller.

mod commit;
mod git;
mod references;
mod repositories;
mod seed;
mod service;
mod smart_http;

pub use service::service;
pub use smart_http::git_router;
