//! The store: an index in memory, a journal that outlives the plane, and bodies as files.
//!
//! A change is decided under the store's lock from the index alone, written to the journal, and then carried out; so
//! conditions hold against whatever else happens at the same time.

mod blobs;
mod index;
mod journal;
mod version;

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

pub(super) use blobs::{Blobs, read, read_all};
pub(super) use index::{Bucket, Change, Index};
pub(super) use version::{Description, Encryption, Lock, NULL, Object, Part, Piece, SystemMetadata, Upload, Version};

use super::refusal::Refusal;
use journal::Journal;

/// Everything that is kept in one directory.
#[derive(Debug)]
pub(super) struct Store {
    /// The bodies. Dropped before the index, so that what the index holds stays on the disk.
    pub(super) blobs: Blobs,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    index: Index,
    journal: Journal,
}

impl Store {
    /// Opens the store in a directory, with all that it held before.
    ///
    /// # Errors
    /// Fails if the directory cannot be read or written, or a body that the index names is not there.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let blobs = Blobs::open(root)?;
        let mut index = Journal::read(root)?;
        if !index.pieces().all(|piece| piece.find(|digest| blobs.adopt(digest))) {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the body of an object is not there"));
        }
        blobs.sweep()?;
        let journal = Journal::begin(root, &index)?;
        Ok(Self { blobs, state: Mutex::new(State { index, journal }) })
    }

    /// Looks something up.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Index) -> T) -> T {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner).index)
    }

    /// Decides on changes and carries them out, with nothing in between.
    ///
    /// # Errors
    /// Returns the refusal of the decision, or `InternalError` if the journal cannot be written. Then nothing has changed.
    pub(super) fn change<T>(
        &self,
        decide: impl FnOnce(&Index) -> Result<(Vec<Change>, T), Refusal>,
    ) -> Result<T, Refusal> {
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let (changes, decided) = decide(&state.index)?;
        if !changes.is_empty() {
            state.journal.append(&changes)?;
            changes.into_iter().for_each(|change| state.index.apply(change));
        }
        Ok(decided)
    }
}

#[cfg(test)]
mod tests;
