//! A build's artifact: the files of its zip, in memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use thiserror::Error;

/// Most bytes an artifact may hold unpacked. Lambda takes 250 MB per function; a deploy trigger has little memory.
const UNPACKED_BYTES: u64 = 512 * 1024 * 1024;

/// The files of an artifact by path (`/` between segments, no leading `./`), in order of their paths.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, BundleFile>,
}

/// One file of an artifact.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BundleFile {
    /// Its bytes, unpacked.
    pub content: Vec<u8>,
    /// True if the zip marks it as executable.
    pub executable: bool,
}

/// The reason why a zip is no usable artifact.
#[derive(Debug, Error)]
pub enum BundleError {
    /// The bytes are no zip, or a damaged one.
    #[error("the artifact is not a readable zip")]
    Zip(#[source] zip::result::ZipError),
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
    /// A link, whose target is not verified by any sum.
    #[error("the artifact holds a symbolic link, which cannot be released: {0}")]
    Link(String),
    /// The files hold more bytes than an artifact may.
    #[error("the artifact holds more than {UNPACKED_BYTES} bytes unpacked")]
    TooLarge,
}

impl Bundle {
    /// Unpacks a zip.
    ///
    /// # Errors
    /// It is damaged, too large, or holds links or paths that lead out of it.
    pub fn from_zip(bytes: &[u8]) -> Result<Self, BundleError> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(BundleError::Zip)?;
        let mut bundle = Self::default();
        let mut left = UNPACKED_BYTES;
        for index in 0..archive.len() {
            let entry = archive.by_index(index).map_err(BundleError::Zip)?;
            let name = entry.name().map_err(BundleError::Zip)?.into_owned();
            if entry.is_dir() {
                continue;
            }
            let path = safe_path(&name).ok_or_else(|| BundleError::UnsafePath(name.clone()))?;
            if entry.is_symlink() {
                return Err(BundleError::Link(path));
            }
            let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
            let mut content = Vec::new();
            // One byte more than allowed tells a file that fits exactly from one that does not: the size that the
            // zip declares is not to be trusted.
            let taken = entry.take(left + 1).read_to_end(&mut content);
            taken.map_err(|source| BundleError::Unpack { path: path.clone(), source })?;
            left = left.checked_sub(content.len() as u64).ok_or(BundleError::TooLarge)?;
            if bundle.files.insert(path.clone(), BundleFile { content, executable }).is_some() {
                return Err(BundleError::Twice(path));
            }
        }
        Ok(bundle)
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
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_map().entries(&self.files).finish()
    }
}

/// Shows the size only: the content is megabytes of machine code.
impl std::fmt::Debug for BundleFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { content, executable } = self;
        formatter.debug_struct("BundleFile").field("bytes", &content.len()).field("executable", executable).finish()
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

    #[test]
    fn a_zip_is_read_with_its_modes() {
        let bundle = Bundle::from_zip(&zip_of(&["template.yaml", "target/lambda/api/bootstrap"])).unwrap();
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
        assert!(matches!(Bundle::from_zip(&zip_of(&[path])), Err(BundleError::UnsafePath(_))));
    }

    #[test]
    fn one_path_in_two_spellings_is_refused() {
        assert!(matches!(Bundle::from_zip(&zip_of(&["a/b", "a/./b"])), Err(BundleError::Twice(_))));
    }

    #[test]
    fn a_cut_zip_is_refused() {
        let whole = zip_of(&["template.yaml"]);
        assert!(matches!(Bundle::from_zip(&whole[..whole.len() / 2]), Err(BundleError::Zip(_))));
    }
}
