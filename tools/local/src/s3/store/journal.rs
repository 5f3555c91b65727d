//! The journal: every change of the index as a line of JSON, written before it is carried out.
//!
//! A line is a list of changes that happen together. A start reads the lines again and writes them anew as one list
//! of what is there. The last line may be cut short by a crash: then it did not happen. A machine that loses its power
//! may lose the last lines, too: they are not forced to the disk one by one.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::index::{Change, Index};

/// The open journal.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    length: u64,
}

impl Journal {
    /// The index as it was left.
    pub(super) fn read(root: &Path) -> io::Result<Index> {
        let mut index = Index::default();
        let file = match File::open(path(root)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(index),
            opened => opened?,
        };
        let mut lines = BufReader::new(file).split(b'\n').peekable();
        while let Some(line) = lines.next() {
            match serde_json::from_slice::<Vec<Change>>(&line?) {
                Ok(changes) => changes.into_iter().for_each(|change| index.apply(change)),
                Err(error) if lines.peek().is_none() => {
                    tracing::warn!(%error, "the last change of the object store was cut short and did not happen");
                }
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
        Ok(index)
    }

    /// Writes the index anew and opens the journal behind it.
    pub(super) fn begin(root: &Path, index: &Index) -> io::Result<Self> {
        let new = root.join("journal.new");
        let mut file = BufWriter::new(File::create(&new)?);
        for change in index.changes() {
            file.write_all(&line(&[change])?)?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&new, path(root))?;
        let file = OpenOptions::new().append(true).open(path(root))?;
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    /// Writes changes that happen together. After an error the journal is as it was.
    pub(super) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let line = line(changes)?;
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

fn path(root: &Path) -> PathBuf {
    root.join("journal")
}

fn line(changes: &[Change]) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(changes)?;
    line.push(b'\n');
    Ok(line)
}
