//! The parts from which every service of the plane is built: time, identifiers, errors, engines, processes and the hub
//! through which services reach one another.
//!
//! Nothing here knows any service by name.

mod arn;
mod authority;
mod clock;
mod engine;
mod error;
mod hub;
mod ids;
mod input;
mod objects;
mod page;
mod principal;
mod process;
mod service;
#[cfg(test)]
mod simulation;
pub mod tags;

pub use arn::Arn;
pub use authority::{Authority, Call, Issued, Question, Trail};
pub use clock::{Clock, Timestamp};
pub use engine::{Driver, Engine};
pub use error::ServiceError;
pub use hub::{AwsEvent, Hub, PlaneIdentity};
pub use ids::{Ids, Series};
pub use input::Input;
pub use objects::{Content, Document, ObjectStore, StoredObject};
pub use page::{BadToken, Page};
pub use principal::{Caller, Principal, ServicePrincipal, Session, User};
pub use process::{ProcessGroup, ProcessGroups};
pub use service::{Declared, Reply, Request, Service};
#[cfg(test)]
pub(crate) use simulation::Simulation;

#[cfg(test)]
pub(crate) mod testing;
