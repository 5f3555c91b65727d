//! The release: one artifact going to one stage, and its record in Parameter Store.
//!
//! Pure: states, legal transitions, the record's text and the names it is stored under. What acts on them is
//! `deploy-trigger`; what only reads them (reports, the operator's verbs) goes through [`ReleaseRecord::from_text`].

mod record;
mod state;

pub use record::{Content, CurrentRelease, RecordError, ReleaseRecord};
pub use state::{IllegalTransition, ReleaseState};
