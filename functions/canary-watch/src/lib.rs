//! The gate between the increments of a shift: every minute it compares what the target version did with what the current version
//! did, and stops the deployment if the target is worse.
//!
//! CodeDeploy runs no hook while traffic shifts, so this function is called by a schedule and by CodeDeploy's events, and finds the
//! active deployments itself. It keeps nothing between two runs but the ledger: evidence is read again from the beginning of the shift
//! each time, late data included. Two runs at once do no harm, since a stop can be asked for twice and the ledger's writes are
//! conditional. The time is the event's: what was known then is judged, however late the event arrives.
//!
//! What is compared, and how strictly, is said by the manifest of the release that is judged; a function whose release has none is judged
//! by the watch's own criteria.
//!
//! Beside that it looks for what nobody else sees: a hook that never answers, and a release of several functions that does not come
//! together.
//!
//! It stops and never extends: a deployment configuration's interval is fixed when the deployment begins, and `ContinueDeployment`
//! is refused for Lambda.

mod act;
mod criteria;
mod decision;
mod error;
mod evidence;
mod find;
mod handler;
mod look;
mod message;
mod ports;
mod probe;
mod record;
mod report;
mod settings;
mod silent;
mod timing;

pub use error::WatchError;
pub use handler::handle;
pub use ports::{AwsPorts, Ports};
pub use report::{Did, Looked, Report};
pub use settings::Settings;
