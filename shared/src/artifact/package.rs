//! Zips whose bytes depend on nothing but the files in them.

use std::io::{self, BufWriter, Read};

use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::spool::{PIECE_BYTES, Spool, SpoolWriter};

/// Level of the compression. Part of what makes a package's bytes: changing it changes every address.
const COMPRESSION_LEVEL: i64 = 6;

/// A file to put into a package that is made in memory.
#[cfg(any(test, feature = "fakes"))]
#[derive(Debug, Clone, Copy)]
pub struct PackageFile<'a> {
    /// Path inside the package, `/` between segments.
    pub path: &'a str,
    /// Its bytes, not yet compressed.
    pub content: &'a [u8],
    /// Mode 0755 instead of 0644.
    pub executable: bool,
}

/// A package that could not be written.
#[derive(Debug, Error)]
pub enum PackageError {
    /// The zip writer refused.
    #[error("{path} could not be added to the package")]
    Add {
        /// The file's path in the package.
        path: String,
        /// The zip writer's refusal.
        #[source]
        source: zip::result::ZipError,
    },
    /// The content could not be compressed.
    #[error("{path} could not be written to the package")]
    Write {
        /// The file's path in the package.
        path: String,
        /// The fault that the compression met.
        #[source]
        source: std::io::Error,
    },
    /// The central directory could not be written.
    #[error("the package could not be finished")]
    Finish(#[source] zip::result::ZipError),
    /// The file that the package is written to cannot be used.
    #[error("the package's file cannot be used")]
    Spool(#[source] io::Error),
}

/// Zips files into a file, one after the other: modified at 1980-01-01 00:00 (a zip's earliest moment), modes 0755 or 0644.
pub struct PackageWriter {
    writer: ZipWriter<BufWriter<SpoolWriter>>,
}

impl PackageWriter {
    /// An empty package.
    pub fn create() -> Self {
        Self { writer: ZipWriter::new(BufWriter::with_capacity(PIECE_BYTES, SpoolWriter::create())) }
    }

    /// Adds a file with what `content` has. The files come in the order of their paths, or the package is not reproducible.
    ///
    /// # Errors
    /// The path cannot be in a zip, or comes twice, or the content cannot be read or written.
    pub fn add(&mut self, path: &str, executable: bool, content: &mut impl Read) -> Result<(), PackageError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(COMPRESSION_LEVEL))
            .last_modified_time(DateTime::default())
            .unix_permissions(if executable { 0o755 } else { 0o644 });
        let name = || path.to_owned();
        self.writer.start_file(path, options).map_err(|source| PackageError::Add { path: name(), source })?;
        let copied = io::copy(content, &mut self.writer);
        copied.map(drop).map_err(|source| PackageError::Write { path: name(), source })
    }

    /// The whole package.
    ///
    /// # Errors
    /// The central directory could not be written.
    pub fn finish(self) -> Result<Spool, PackageError> {
        let written = self.writer.finish().map_err(PackageError::Finish)?;
        let spool = written.into_inner().map_err(|error| PackageError::Spool(error.into_error()))?;
        spool.finish().map_err(PackageError::Spool)
    }
}

impl std::fmt::Debug for PackageWriter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PackageWriter").finish_non_exhaustive()
    }
}

/// Zips `files`, sorted by path, in memory: for tests.
///
/// # Errors
/// A path cannot be in a zip, or comes twice.
#[cfg(any(test, feature = "fakes"))]
pub fn reproducible_zip<'a>(files: impl IntoIterator<Item = PackageFile<'a>>) -> Result<Vec<u8>, PackageError> {
    let mut files: Vec<PackageFile<'a>> = files.into_iter().collect();
    files.sort_by_key(|file| file.path);
    let mut package = PackageWriter::create();
    for mut file in files {
        package.add(file.path, file.executable, &mut file.content)?;
    }
    let mut bytes = Vec::new();
    package.finish()?.reader().read_to_end(&mut bytes).map_err(PackageError::Spool)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    use super::super::Sha256Digest;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        reproducible_zip(files.iter().map(|&(path, content)| PackageFile { path, content, executable: true })).unwrap()
    }

    #[test]
    fn the_address_of_known_files_stays() {
        // Guards against a change of compressor, level, time stamp or modes: each would make CloudFormation update
        // every function of every application although no code changed.
        let address = Sha256Digest::of(&zipped(&[("bootstrap", b"#!/bin/sh\necho hello hello hello\n")]));
        assert_eq!(address.to_string(), "1621e689151ab33629b6bc78ede2ddca567c02fbbf89b4704ebe63c0a06feaa9");
    }

    #[test]
    fn another_content_has_another_address() {
        assert_ne!(zipped(&[("bootstrap", b"1")]), zipped(&[("bootstrap", b"2")]));
    }

    proptest! {
        #[test]
        fn the_order_of_the_files_does_not_matter(
            files in proptest::collection::btree_map("[a-z]{1,8}(/[a-z]{1,8}){0,2}", any::<Vec<u8>>(), 1..6),
        ) {
            let forward: Vec<(&str, &[u8])> = as_slices(&files);
            let backward: Vec<(&str, &[u8])> = forward.iter().rev().copied().collect();
            prop_assert_eq!(zipped(&forward), zipped(&backward));
        }
    }

    fn as_slices(files: &BTreeMap<String, Vec<u8>>) -> Vec<(&str, &[u8])> {
        files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect()
    }
}
