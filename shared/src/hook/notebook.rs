//! The findings of the checks so far, readable even if they never finish.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::subject::Subject;
use super::verdict::CheckOutcome;

/// The evidence for a verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The version that was judged and its deployment, once they are known.
    pub subject: Option<Subject>,
    /// The checks that finished, in order.
    pub outcomes: Vec<CheckOutcome>,
    /// True if the deployment puts back what was there before.
    pub rolls_back: bool,
}

/// Shared between the checks' task, which writes, and the harness, which reads when the task is over or overdue.
#[derive(Debug, Clone, Default)]
pub struct Notebook {
    evidence: Arc<Mutex<Evidence>>,
}

impl Notebook {
    /// Notes what is judged.
    pub fn note_subject(&self, subject: Subject) {
        self.lock().subject = Some(subject);
    }

    /// Notes that the deployment puts back what was there before.
    pub fn note_rollback(&self) {
        self.lock().rolls_back = true;
    }

    /// Notes a finished check.
    pub fn note(&self, outcome: CheckOutcome) {
        self.lock().outcomes.push(outcome);
    }

    /// Everything noted so far.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Evidence> {
        self.evidence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
