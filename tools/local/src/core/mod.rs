//! What every service of the plane is built from: time, identifiers, errors, engines, processes and the hub
//! through which services reach one another.
//!
//! Nothing here knows any service by name.

mod clock;
mod engine;
mod error;
mod hub;
mod ids;
mod input;
mod objects;
mod process;
mod service;

pub use clock::{Clock, Timestamp};
pub use engine::{Driver, Engine, Simulation};
pub use error::ServiceError;
pub use hub::{AwsEvent, Caller, Hub, PlaneIdentity};
pub use ids::Ids;
pub use input::Input;
pub use objects::{ObjectStore, StoredObject};
pub use process::{ProcessGroup, ProcessGroups};
pub use service::{Protocol, Reply, Request, Route, Service};
