//! Bytes that may be too many for memory, in a file that has no name; few stay in memory.
//!
//! The file is gone as soon as nobody holds it any more, also when the process is killed: Lambda's `/tmp` outlives an invocation, and
//! what a dead one left there would fill it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tempfile::{SpooledData, SpooledTempFile, spooled_tempfile};

use super::Sha256Digest;
use crate::objects::Content;

/// The bytes that are moved at once.
pub(super) const PIECE_BYTES: usize = 16 * 1024;

/// Most bytes that stay in memory.
const FEW_BYTES: usize = 64 * 1024;

/// Bytes that do not change any more; clones share them.
#[derive(Debug, Clone)]
pub struct Spool {
    bytes: Bytes,
    length: u64,
}

#[derive(Debug, Clone)]
enum Bytes {
    Memory(Arc<[u8]>),
    File(Arc<File>),
}

impl Spool {
    /// Keeps `bytes`.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub fn of(bytes: &[u8]) -> io::Result<Self> {
        let mut writer = SpoolWriter::create();
        writer.write_all(bytes)?;
        writer.finish()
    }

    /// The number of bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Reads from the beginning. Any number of readers may read at once.
    pub fn reader(&self) -> SpoolReader {
        SpoolReader { spool: self.clone(), position: 0 }
    }

    /// The SHA-256 of all bytes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn digest(&self) -> io::Result<Sha256Digest> {
        Ok(digest_of(&mut self.reader(), u64::MAX)?.0)
    }

    /// The bytes as the content of an object. `digest` is theirs.
    pub fn content(&self, digest: Sha256Digest) -> Content {
        match &self.bytes {
            Bytes::Memory(bytes) => Content::Bytes(Arc::clone(bytes)),
            Bytes::File(file) => {
                Content::File { file: Arc::clone(file), length: self.length, sha256: digest.to_bytes() }
            }
        }
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        match &self.bytes {
            Bytes::Memory(bytes) => {
                let from = usize::try_from(position).ok().and_then(|position| bytes.get(position..));
                from.unwrap_or_default().read(buffer)
            }
            Bytes::File(file) => file.read_at(buffer, position),
        }
    }
}

/// The SHA-256 of what `reader` has, and the number of bytes. It stops after `most` bytes and a few, so that a number beyond `most`
/// says that there were more.
pub(super) fn digest_of(reader: &mut impl Read, most: u64) -> io::Result<(Sha256Digest, u64)> {
    let (mut hasher, mut piece, mut length) = (Sha256::new(), [0; PIECE_BYTES], 0);
    while length <= most {
        match reader.read(&mut piece)? {
            0 => break,
            read => {
                hasher.update(&piece[..read]);
                length += read as u64;
            }
        }
    }
    Ok((Sha256Digest::from_bytes(hasher.finalize().into()), length))
}

/// Reads a [`Spool`].
#[derive(Debug, Clone)]
pub struct SpoolReader {
    spool: Spool,
    position: u64,
}

impl Read for SpoolReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.spool.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for SpoolReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.spool.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

/// Writes what becomes a [`Spool`].
#[derive(Debug)]
pub struct SpoolWriter {
    /// In the directory for temporary files, as soon as they are many.
    file: SpooledTempFile,
    position: u64,
    most: u64,
    is_full: bool,
}

impl SpoolWriter {
    /// Nothing is written yet.
    pub fn create() -> Self {
        Self::of_at_most(u64::MAX)
    }

    /// The same, for `most` bytes and no more.
    pub fn of_at_most(most: u64) -> Self {
        Self { file: spooled_tempfile(FEW_BYTES), position: 0, most, is_full: false }
    }

    /// True if it was given more bytes than it takes.
    pub const fn is_full(&self) -> bool {
        self.is_full
    }

    /// The bytes that were written.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn finish(mut self) -> io::Result<Spool> {
        let length = self.file.seek(SeekFrom::End(0))?;
        let bytes = match self.file.into_inner() {
            SpooledData::InMemory(bytes) => Bytes::Memory(bytes.into_inner().into()),
            SpooledData::OnDisk(file) => Bytes::File(Arc::new(file)),
        };
        Ok(Spool { bytes, length })
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.position.saturating_add(bytes.len() as u64) > self.most {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let written = self.file.write(bytes)?;
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for SpoolWriter {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    /// Few bytes, and so many that they are in a file.
    #[test_case(0)]
    #[test_case(FEW_BYTES)]
    fn what_is_written_over_is_read_as_it_was_left(before: usize) {
        let mut writer = SpoolWriter::create();
        writer.write_all(&vec![b'.'; before]).unwrap();
        writer.write_all(b"0123456789").unwrap();
        writer.seek(SeekFrom::End(-8)).unwrap();
        writer.write_all(b"xx").unwrap();
        let spool = writer.finish().unwrap();
        let mut expected = vec![b'.'; before];
        expected.extend(b"01xx456789");
        let (mut first, mut second) = (spool.reader(), spool.reader());
        second.seek(SeekFrom::End(-6)).unwrap();
        let (mut whole, mut rest) = (Vec::new(), String::new());
        first.read_to_end(&mut whole).unwrap();
        second.read_to_string(&mut rest).unwrap();
        assert!(whole == expected);
        assert_eq!((rest.as_str(), spool.length()), ("456789", expected.len() as u64));
        let digest = Sha256Digest::of(&expected);
        assert_eq!(spool.digest().unwrap(), digest);
        assert_eq!(matches!(spool.content(digest), Content::File { .. }), before > 0);
    }

    #[test]
    fn a_writer_takes_what_it_may_and_says_when_that_is_too_much() {
        let mut writer = SpoolWriter::of_at_most(4);
        writer.write_all(b"1234").unwrap();
        assert!(!writer.is_full());
        assert_eq!(writer.write_all(b"5").unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(writer.is_full());
        assert_eq!(writer.finish().unwrap().length(), 4);
    }
}
