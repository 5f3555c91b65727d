//! The findings of the checks so far, readable even if they never finish.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::subject::Subject;
use super::verdict::CheckOutcome;

/// The evidence for a verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The version that was judged and its deployment, once they are known.
    pub subject: Option<Subject>,
    /// The checks that finished, in the order of the suite.
    pub outcomes: Vec<CheckOutcome>,
    /// True if the deployment puts back what was there before.
    pub rolls_back: bool,
}

/// Shared between the checks' task, which writes, and the harness, which reads when the task is over or overdue.
#[derive(Debug, Clone, Default)]
pub struct Notebook {
    pages: Arc<Mutex<Pages>>,
}

#[derive(Debug, Default)]
struct Pages {
    subject: Option<Subject>,
    /// By their positions in the suite.
    outcomes: BTreeMap<usize, CheckOutcome>,
    rolls_back: bool,
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

    /// Notes a finished check, after all that were noted.
    pub fn note(&self, outcome: CheckOutcome) {
        let mut pages = self.lock();
        let after = pages.outcomes.keys().last().map_or(0, |last| last + 1);
        pages.outcomes.insert(after, outcome);
    }

    /// Notes the finished check at a position of the suite, whichever finished before.
    pub(super) fn note_at(&self, position: usize, outcome: CheckOutcome) {
        self.lock().outcomes.insert(position, outcome);
    }

    /// The same, unless the check at that position is noted already.
    pub(super) fn note_missing(&self, position: usize, outcome: CheckOutcome) {
        self.lock().outcomes.entry(position).or_insert(outcome);
    }

    /// Everything noted so far.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let pages = self.lock();
        Evidence {
            subject: pages.subject.clone(),
            outcomes: pages.outcomes.values().cloned().collect(),
            rolls_back: pages.rolls_back,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
