//! Bodies as files that are named by their digest: equal bodies are one file, and a file goes with its last holder.
//!
//! A body is whole before it has its name, so no crash leaves half of one under it. What a crash leaves without a holder
//! is swept at the next start.

use std::collections::HashMap;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::{fs, io};

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use sha2::{Digest as _, Sha256};

/// The most bytes of a file that are read at a time.
const CHUNK: u64 = 256 * 1024;

/// One body. The file is removed when the last holder lets go, unless the store itself ends: then it stays.
#[derive(Debug)]
pub(in crate::s3) struct Blob {
    digest: String,
    path: PathBuf,
    home: Weak<Home>,
}

#[derive(Debug)]
struct Home {
    finished: PathBuf,
    incoming: PathBuf,
    serial: AtomicU64,
    held: Mutex<HashMap<String, Weak<Blob>>>,
}

/// The directory of all bodies.
#[derive(Debug)]
pub(in crate::s3) struct Blobs {
    home: Arc<Home>,
}

/// A part of a body.
pub(in crate::s3) type Segment = (Arc<Blob>, Range<u64>);

impl Blobs {
    /// Opens the directory, and removes what was still coming in when the last plane ended.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let (finished, incoming) = (root.join("bodies"), root.join("incoming"));
        match fs::remove_dir_all(&incoming) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&incoming)?;
        fs::create_dir_all(&finished)?;
        let (serial, held) = (AtomicU64::new(0), Mutex::default());
        Ok(Self { home: Arc::new(Home { finished, incoming, serial, held }) })
    }

    /// Writes a body, or finds the file that has it already.
    pub(in crate::s3) async fn keep(&self, body: Bytes) -> io::Result<Arc<Blob>> {
        let home = Arc::clone(&self.home);
        tokio::task::spawn_blocking(move || Home::keep(&home, &body)).await.map_err(io::Error::other)?
    }

    /// The body with this digest, when its file is there.
    pub(super) fn adopt(&self, digest: &str) -> Option<Arc<Blob>> {
        let mut held = self.home.held();
        if let Some(blob) = held.get(digest).and_then(Weak::upgrade) {
            return Some(blob);
        }
        self.home.finished.join(digest).is_file().then(|| Home::hold(&self.home, &mut held, digest.to_owned()))
    }

    /// Removes every file that has no holder.
    pub(super) fn sweep(&self) -> io::Result<()> {
        let held = self.home.held();
        for entry in fs::read_dir(&self.home.finished)? {
            let entry = entry?;
            if entry.file_name().to_str().is_none_or(|name| !held.contains_key(name)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Home {
    fn held(&self) -> MutexGuard<'_, HashMap<String, Weak<Blob>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(home: &Arc<Self>, held: &mut HashMap<String, Weak<Blob>>, digest: String) -> Arc<Blob> {
        let path = home.finished.join(&digest);
        let blob = Arc::new(Blob { digest: digest.clone(), path, home: Arc::downgrade(home) });
        held.insert(digest, Arc::downgrade(&blob));
        blob
    }

    fn keep(home: &Arc<Self>, body: &[u8]) -> io::Result<Arc<Blob>> {
        let digest = hex::encode(Sha256::digest(body));
        if let Some(blob) = home.held().get(&digest).and_then(Weak::upgrade) {
            return Ok(blob);
        }
        let incoming = home.incoming.join(home.serial.fetch_add(1, Ordering::Relaxed).to_string());
        fs::write(&incoming, body)?;
        let mut held = home.held();
        if let Some(blob) = held.get(&digest).and_then(Weak::upgrade) {
            fs::remove_file(&incoming)?;
            return Ok(blob);
        }
        fs::rename(&incoming, home.finished.join(&digest))?;
        Ok(Self::hold(home, &mut held, digest))
    }
}

impl Blob {
    /// The SHA-256 of the body, in hexadecimal: its name.
    pub(in crate::s3) fn digest(&self) -> &str {
        &self.digest
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        let Some(home) = self.home.upgrade() else { return };
        let mut held = home.held();
        // Somebody may have written the same body again since the last holder let go.
        if held.get(&self.digest).is_some_and(|blob| blob.strong_count() == 0) {
            held.remove(&self.digest);
            if let Err(error) = fs::remove_file(&self.path) {
                tracing::warn!(%error, path = %self.path.display(), "an object's file could not be removed");
            }
        }
    }
}

/// The bytes of these segments, one after the other, a chunk at a time.
pub(in crate::s3) fn read(segments: Vec<Segment>) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
    stream::iter(segments).flat_map(|(blob, range)| {
        let starts = range.clone().step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX));
        stream::iter(starts).then(move |start| {
            let (blob, end) = (Arc::clone(&blob), range.end.min(start + CHUNK));
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
                fs::File::open(&blob.path)?.read_exact_at(&mut bytes, start)?;
                Ok(Bytes::from(bytes))
            });
            async move { read.await.map_err(io::Error::other)? }
        })
    })
}

/// The same bytes at once.
pub(in crate::s3) async fn read_all(segments: Vec<Segment>) -> io::Result<Bytes> {
    let chunks = read(segments).try_fold(Vec::new(), |mut all, chunk| async move {
        all.extend_from_slice(&chunk);
        Ok(all)
    });
    chunks.await.map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(root: &Path) -> usize {
        fs::read_dir(root.join("bodies")).unwrap().count()
    }

    #[tokio::test]
    async fn equal_bodies_are_one_file_that_goes_with_its_last_holder() {
        let root = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(root.path()).unwrap();
        let one = blobs.keep(Bytes::from_static(b"abc")).await.unwrap();
        let two = blobs.keep(Bytes::from_static(b"abc")).await.unwrap();
        assert_eq!((one.digest(), files(root.path())), (two.digest(), 1));
        drop(one);
        assert_eq!(read_all(vec![(Arc::clone(&two), 1..3)]).await.unwrap().as_ref(), b"bc");
        drop(two);
        assert_eq!(files(root.path()), 0);
    }

    #[tokio::test]
    async fn bodies_outlive_the_store_and_what_nobody_holds_is_swept() {
        let root = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(root.path()).unwrap();
        let kept = blobs.keep(Bytes::from_static(b"kept")).await.unwrap();
        let left = blobs.keep(Bytes::from_static(b"left")).await.unwrap();
        drop(blobs);
        let digest = kept.digest().to_owned();
        drop((kept, left));
        assert_eq!(files(root.path()), 2);
        let blobs = Blobs::open(root.path()).unwrap();
        let again = blobs.adopt(&digest).unwrap();
        blobs.sweep().unwrap();
        assert_eq!(files(root.path()), 1);
        assert_eq!(read_all(vec![(again, 0..4)]).await.unwrap().as_ref(), b"kept");
    }

    #[tokio::test]
    async fn a_large_body_is_read_in_chunks_over_several_files() {
        let root = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(root.path()).unwrap();
        let large = blobs.keep(Bytes::from(vec![7; 600_000])).await.unwrap();
        let small = blobs.keep(Bytes::from_static(b"end")).await.unwrap();
        let chunks: Vec<Bytes> = read(vec![(large, 100..600_000), (small, 0..3)]).try_collect().await.unwrap();
        assert_eq!(chunks.iter().map(Bytes::len).sum::<usize>(), 599_903);
        assert_eq!((chunks.len(), chunks.last().unwrap().as_ref()), (4, b"end".as_slice()));
    }
}
