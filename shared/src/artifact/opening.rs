//! Opening a zip without letting its directory fill memory.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zip::ZipArchive;
use zip::result::ZipError;

use super::spool::{PIECE_BYTES, Spool, SpoolReader};

/// Most bytes that are read until a zip is open, nearly all of them its directory: of twenty to forty thousand files, by how long their
/// paths are. The directory is in memory as a whole before anything is known of it, and again while such a package is written.
const DIRECTORY_BYTES: u64 = 2 * 1024 * 1024;

/// The reason why a zip cannot be opened.
#[derive(Debug)]
pub(super) enum OpeningError {
    /// The bytes are no zip, or a damaged one.
    Zip(ZipError),
    /// The directory has more than this number of bytes.
    Directory(u64),
}

/// Opens a zip.
pub(super) fn open(zip: &Spool) -> Result<ZipArchive<BufReader<Opened>>, OpeningError> {
    open_within(zip, DIRECTORY_BYTES)
}

fn open_within(zip: &Spool, most: u64) -> Result<ZipArchive<BufReader<Opened>>, OpeningError> {
    let left = Arc::new(AtomicU64::new(most));
    let reader = Opened { reader: zip.reader(), left: Arc::clone(&left) };
    let opened = ZipArchive::new(BufReader::with_capacity(PIECE_BYTES, reader));
    match (opened, left.swap(u64::MAX, Ordering::Relaxed)) {
        (Ok(archive), _) => Ok(archive),
        (Err(_), 0) => Err(OpeningError::Directory(most)),
        (Err(error), _) => Err(OpeningError::Zip(error)),
    }
}

/// A zip that is open: what is read from here on is not counted.
#[derive(Debug)]
pub struct Opened {
    reader: SpoolReader,
    /// The bytes that may still be read.
    left: Arc<AtomicU64>,
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.reader.read(&mut buffer[..most])?;
        if left != u64::MAX {
            self.left.store(left - read as u64, Ordering::Relaxed);
        }
        Ok(read)
    }
}

impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PackageFile, reproducible_zip};
    use super::*;

    #[test]
    fn a_zip_whose_directory_is_too_large_is_not_read_to_its_end() {
        let paths: Vec<String> = (0..3000).map(|number| format!("file-{number}")).collect();
        let files = paths.iter().map(|path| PackageFile { path, content: b"", executable: false });
        let zip = Spool::of(&reproducible_zip(files).unwrap()).unwrap();
        assert!(matches!(open_within(&zip, 100_000), Err(OpeningError::Directory(100_000))));
        assert_eq!(open(&zip).unwrap().len(), 3000);
    }
}
