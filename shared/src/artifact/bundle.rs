//! A build's artifact: the files of its zip, unpacked one at a time.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use thiserror::Error;
use zip::ZipArchive;

use super::opening::{Opened, OpeningError, open};
use super::spool::digest_of;
use super::{Sha256Digest, Spool};

/// Most bytes an artifact may hold unpacked: four functions as large as Lambda takes them.
const UNPACKED_BYTES: u64 = 1024 * 1024 * 1024;

/// Most bytes of a file that people wrote: CloudFormation takes no longer template, and what is read of one is several times as long.
const TEXT_BYTES: u64 = 1024 * 1024;

/// The files of an artifact by path (`/` between segments, no leading `./`), in order of their paths. Their bytes stay in the zip.
pub struct Bundle {
    archive: ZipArchive<BufReader<Opened>>,
    files: BTreeMap<String, BundleFile>,
}

/// One file of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BundleFile {
    /// True if the zip marks it as executable.
    pub executable: bool,
    /// Its length in bytes, unpacked: counted, not what the zip says.
    pub length: u64,
    /// The SHA-256 of its bytes.
    pub digest: Sha256Digest,
    /// Its place in the zip's directory.
    index: usize,
}

/// The reason why a zip is no usable artifact.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The bytes are no zip, or a damaged one.
    #[error("the artifact is not a readable zip")]
    Zip(#[source] zip::result::ZipError),
    /// There are more files than memory has room for.
    #[error("the artifact holds too many files: its zip's directory has more than {0} bytes")]
    Directory(u64),
    /// A file inside could not be unpacked.
    #[error("{path} in the artifact could not be unpacked")]
    Unpack {
        /// The file's path in the artifact.
        path: String,
        /// The fault that the unpacking met.
        #[source]
        source: std::io::Error,
    },
    /// A path that leads out of the artifact.
    #[error("the artifact holds a path that leads out of it: {0:?}")]
    UnsafePath(String),
    /// Two entries for one path: what is verified would not be what is released.
    #[error("the artifact holds {0} twice")]
    Twice(String),
    /// Two entries of one name, of which the zip's reader shows one.
    #[error("the artifact holds two files of one name")]
    SameName,
    /// A link, whose target is not verified by any sum.
    #[error("the artifact holds a symbolic link, which cannot be released: {0}")]
    Link(String),
    /// The files hold more bytes than an artifact may.
    #[error("the artifact holds more than {0} bytes unpacked")]
    TooLarge(u64),
    /// A file that is read as a text is longer than such a text may be.
    #[error("{path} in the artifact has more than {most} bytes")]
    LongText {
        /// The file's path in the artifact.
        path: String,
        /// The bytes that it may have.
        most: u64,
    },
    /// There is no file of this path.
    #[error("the artifact holds no {0}")]
    NoFile(String),
}

impl Bundle {
    /// Reads a zip: every file is unpacked once, for its sum and its length, and kept nowhere.
    ///
    /// # Errors
    /// It is damaged, too large, or holds links or paths that lead out of it.
    pub fn read(zip: &Spool) -> Result<Self, BundleError> {
        Self::within(zip, UNPACKED_BYTES)
    }

    /// The same, for an artifact that may hold `most` bytes unpacked.
    fn within(zip: &Spool, most: u64) -> Result<Self, BundleError> {
        let archive = open(zip).map_err(|error| match error {
            OpeningError::Zip(error) => BundleError::Zip(error),
            OpeningError::Directory(bytes) => BundleError::Directory(bytes),
        })?;
        if archive.has_duplicate_names() {
            return Err(BundleError::SameName);
        }
        let mut bundle = Self { archive, files: BTreeMap::new() };
        let mut left = most;
        for index in 0..bundle.archive.len() {
            let Some((path, file)) = bundle.measure(index, left)? else { continue };
            left = left.checked_sub(file.length).ok_or(BundleError::TooLarge(most))?;
            if bundle.files.contains_key(&path) {
                return Err(BundleError::Twice(path));
            }
            bundle.files.insert(path, file);
        }
        Ok(bundle)
    }

    /// Unpacks an entry, of which at most `left` bytes are of interest. None for a folder.
    fn measure(&mut self, index: usize, left: u64) -> Result<Option<(String, BundleFile)>, BundleError> {
        let mut entry = self.archive.by_index(index).map_err(BundleError::Zip)?;
        let name = entry.name().map_err(BundleError::Zip)?.into_owned();
        if entry.is_dir() {
            return Ok(None);
        }
        let path = safe_path(&name).ok_or(BundleError::UnsafePath(name))?;
        if entry.is_symlink() {
            return Err(BundleError::Link(path));
        }
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        // The size that the zip declares is not to be trusted.
        match digest_of(&mut entry, left) {
            Ok((digest, length)) => Ok(Some((path, BundleFile { executable, length, digest, index }))),
            Err(source) => Err(BundleError::Unpack { path, source }),
        }
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&BundleFile> {
        self.files.get(path)
    }

    /// Every file with its path, sorted.
    pub fn files(&self) -> impl Iterator<Item = (&str, &BundleFile)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// The files below `folder` (`""` for all), with paths relative to it, sorted.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &BundleFile)> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.files.iter().filter_map(move |(path, file)| Some((path.strip_prefix(&prefix)?, file)))
    }

    /// The bytes of a file that people wrote.
    ///
    /// # Errors
    /// There is none, or it is too long for a text.
    pub fn text(&mut self, path: &str) -> Result<Vec<u8>, BundleError> {
        self.text_within(path, TEXT_BYTES)
    }

    /// The same, for a text that may have `most` bytes.
    pub(super) fn text_within(&mut self, path: &str, most: u64) -> Result<Vec<u8>, BundleError> {
        let file = *self.file(path).ok_or_else(|| BundleError::NoFile(path.to_owned()))?;
        if file.length > most {
            return Err(BundleError::LongText { path: path.to_owned(), most });
        }
        let mut content = Vec::new();
        let read = self.unpack(&file)?.read_to_end(&mut content);
        read.map_err(|source| BundleError::Unpack { path: path.to_owned(), source })?;
        Ok(content)
    }

    /// Unpacks one of this bundle's files.
    ///
    /// # Errors
    /// The zip cannot be read.
    pub fn unpack(&mut self, file: &BundleFile) -> Result<impl Read, BundleError> {
        self.archive.by_index(file.index).map_err(BundleError::Zip)
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_map().entries(&self.files).finish()
    }
}

/// `path` without `.` segments, or `None` where it is absolute, empty, or leads out.
pub(super) fn safe_path(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\\', '\0']) {
        return None;
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    (!segments.is_empty() && !segments.contains(&"..")).then(|| segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::{PackageFile, reproducible_zip};
    use super::*;
    use test_case::test_case;

    fn zip_of(paths: &[&str]) -> Vec<u8> {
        let files =
            paths.iter().map(|path| PackageFile { path, content: b"x", executable: path.ends_with("bootstrap") });
        reproducible_zip(files).unwrap()
    }

    fn read(zip: &[u8]) -> Result<Bundle, BundleError> {
        Bundle::read(&Spool::of(zip).unwrap())
    }

    /// `zip` with `from` replaced by `to`, as long, wherever it stands.
    fn forged(zip: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
        let mut forged = zip.to_vec();
        for at in (0..=zip.len() - from.len()).filter(|&at| zip[at..].starts_with(from)) {
            forged[at..at + to.len()].copy_from_slice(to);
        }
        forged
    }

    #[test]
    fn a_zip_is_read_with_its_modes() {
        let bundle = read(&zip_of(&["template.yaml", "target/lambda/api/bootstrap"])).unwrap();
        assert!(bundle.file("target/lambda/api/bootstrap").unwrap().executable);
        assert!(!bundle.file("template.yaml").unwrap().executable);
        assert_eq!(bundle.below("target/lambda/api").map(|(path, _)| path).collect::<Vec<_>>(), ["bootstrap"]);
        assert_eq!(bundle.below("target/lambda/ap").count(), 0);
    }

    #[test_case("../etc/passwd"; "a parent")]
    #[test_case("a/../../b"; "a parent further in")]
    #[test_case("/etc/passwd"; "an absolute path")]
    #[test_case("a\\..\\b"; "a backslash")]
    fn a_zip_is_refused_for(path: &str) {
        assert!(matches!(read(&zip_of(&[path])), Err(BundleError::UnsafePath(_))));
    }

    #[test]
    fn one_path_in_two_spellings_is_refused() {
        assert!(matches!(read(&zip_of(&["a/b", "a/./b"])), Err(BundleError::Twice(_))));
    }

    #[test]
    fn a_cut_zip_is_refused() {
        let whole = zip_of(&["template.yaml"]);
        assert!(matches!(read(&whole[..whole.len() / 2]), Err(BundleError::Zip(_))));
    }

    #[test]
    fn two_entries_of_one_name_are_refused() {
        let zip = forged(&zip_of(&["a/b", "a/c"]), b"a/c", b"a/b");
        assert!(matches!(read(&zip), Err(BundleError::SameName)));
    }

    #[test]
    fn a_link_is_refused() {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.add_symlink("link", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
        let zip = writer.finish().unwrap().into_inner();
        assert!(matches!(read(&zip), Err(BundleError::Link(path)) if path == "link"));
    }

    #[test]
    fn what_is_unpacked_is_counted_and_what_the_zip_declares_is_not_believed() {
        let bomb = [0; 1_000_000];
        let file = PackageFile { path: "bomb", content: &bomb, executable: false };
        let zip = reproducible_zip([file]).unwrap();
        let within = |zip: &[u8]| Bundle::within(&Spool::of(zip).unwrap(), 10_000).unwrap_err();
        assert!(matches!(within(&zip), BundleError::TooLarge(10_000)));
        let modest = forged(&zip, &1_000_000_u32.to_le_bytes(), &1_u32.to_le_bytes());
        assert_ne!(zip, modest);
        assert!(matches!(within(&modest), BundleError::TooLarge(10_000) | BundleError::Unpack { .. }));
    }

    #[test]
    fn a_text_longer_than_people_write_is_not_read() {
        let long = vec![b' '; TEXT_BYTES as usize + 1];
        let file = PackageFile { path: "slipway.yaml", content: &long, executable: false };
        let mut bundle = read(&reproducible_zip([file]).unwrap()).unwrap();
        assert!(matches!(bundle.text("slipway.yaml"), Err(BundleError::LongText { .. })));
        assert!(matches!(bundle.text("template.yaml"), Err(BundleError::NoFile(_))));
    }
}
