//! The deploy trigger: a pipeline's success becomes a release, a stack's end becomes its outcome.
//!
//! It is driven by events that arrive at least once and in any order, plus a schedule that looks after what an event missed.
//! An event is a wish that is put into the state of its stage; one attempt at a time holds the lock of the stage and does all there is
//! to do. Every step can be repeated; nothing is executed twice and nobody is told twice. It never waits for a stack: a canary takes
//! longer than a Lambda function lives.
//!
//! [`release_from_event`] also makes a first release, called in process by the `slipway` command while the stack with the
//! function in it does not exist yet.

mod attempt;
mod build_output;
mod deadline;
mod error;
mod handler;
mod outcome;
mod package;
mod ports;
mod reconcile;
mod release;
mod report;
mod settings;
mod stage;

pub use attempt::Attempt;
pub use deadline::Deadline;
pub use error::TriggerError;
pub use handler::handle;
pub use outcome::close_from_stack_event;
pub use ports::{AwsPorts, Ports};
pub use reconcile::reconcile;
pub use release::release_from_event;
pub use report::Report;
pub use settings::{Checksums, Settings};
