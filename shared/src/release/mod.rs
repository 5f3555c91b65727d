//! The release: one artifact going to one stage, and its record in Parameter Store.
//!
//! Pure: states, legal transitions, the record's text and the names it is stored under. The function that acts on them is
//! `deploy-trigger`; readers alone (reports, the operator's verbs) go through [`ReleaseRecord::from_text`].

mod record;
mod state;

pub use record::{Content, CurrentRelease, RecordError, ReleaseRecord};
pub use state::{IllegalTransition, ReleaseState};
