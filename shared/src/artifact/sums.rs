//! Checking an artifact against the sums its build wrote.

use std::collections::BTreeMap;

use thiserror::Error;

use super::bundle::safe_path;
use super::{Bundle, BundleError, Sha256Digest};

/// The file, in `sha256sum`'s format, that lists every other file of an artifact.
pub const SHA256SUMS: &str = "SHA256SUMS";

/// Most bytes of the list: a line for each of the files that a zip's directory may have.
const LIST_BYTES: u64 = 4 * 1024 * 1024;

/// The reason why an artifact does not match its sums.
#[derive(Debug, Error)]
pub enum SumsError {
    /// There is no list.
    #[error("the artifact has no {SHA256SUMS}")]
    Missing,
    /// The list cannot be read.
    #[error("{SHA256SUMS} cannot be read")]
    Unreadable(#[source] BundleError),
    /// A line is not `<64 hexadecimal digits>  <path>`.
    #[error("line {0} of {SHA256SUMS} is not a sum and a path")]
    Line(usize),
    /// A path is listed twice with different sums.
    #[error("{SHA256SUMS} lists {0} with two different sums")]
    Contradiction(String),
    /// A listed file is not in the artifact.
    #[error("{SHA256SUMS} lists {0}, which the artifact does not hold")]
    Absent(String),
    /// A file of the artifact is not listed.
    #[error("the artifact holds {0}, which {SHA256SUMS} does not list")]
    Unlisted(String),
    /// A file has another content than its build had.
    #[error("{path} has the SHA-256 {found} instead of {listed}")]
    Mismatch {
        /// The file's path in the artifact.
        path: String,
        /// The sum on the list.
        listed: Sha256Digest,
        /// The sum of the file's bytes.
        found: Sha256Digest,
    },
}

/// Checks that `bundle`'s sums list every other file, and nothing else, with its true SHA-256.
///
/// # Errors
/// The first discrepancy.
pub fn verify_sums(bundle: &mut Bundle) -> Result<(), SumsError> {
    let list = bundle.text_within(SHA256SUMS, LIST_BYTES).map_err(|error| match error {
        BundleError::NoFile(_) => SumsError::Missing,
        error => SumsError::Unreadable(error),
    })?;
    let mut listed = read_list(&String::from_utf8_lossy(&list))?;
    for (path, file) in bundle.files().filter(|(path, _)| *path != SHA256SUMS) {
        let expected = listed.remove(path).ok_or_else(|| SumsError::Unlisted(path.to_owned()))?;
        if file.digest != expected {
            return Err(SumsError::Mismatch { path: path.to_owned(), listed: expected, found: file.digest });
        }
    }
    listed.into_keys().next().map_or(Ok(()), |path| Err(SumsError::Absent(path)))
}

/// Reads `<digest>  <path>` (text mode) and `<digest> *<path>` (binary mode) lines.
fn read_list(text: &str) -> Result<BTreeMap<String, Sha256Digest>, SumsError> {
    let mut listed = BTreeMap::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let bad = || SumsError::Line(index + 1);
        let (digest, path) = line.split_once(' ').ok_or_else(bad)?;
        let digest = Sha256Digest::from_hex(digest).ok_or_else(bad)?;
        let path = path.strip_prefix([' ', '*']).ok_or_else(bad)?;
        let path = safe_path(path).ok_or_else(bad)?;
        if listed.insert(path.clone(), digest).is_some_and(|before| before != digest) {
            return Err(SumsError::Contradiction(path));
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::super::{PackageFile, Spool, reproducible_zip};
    use super::*;

    fn verify(files: &[(&str, &str)]) -> Result<(), SumsError> {
        let files =
            files.iter().map(|(path, content)| PackageFile { path, content: content.as_bytes(), executable: false });
        let zip = Spool::of(&reproducible_zip(files).unwrap()).unwrap();
        verify_sums(&mut Bundle::read(&zip).unwrap())
    }

    fn sum(content: &str) -> Sha256Digest {
        Sha256Digest::of(content.as_bytes())
    }

    #[test]
    fn an_artifact_that_matches_in_every_spelling_is_accepted() {
        let sums = format!("{}  ./template.yaml\n{} *target/a/bootstrap\n", sum("T"), sum("B"));
        verify(&[("template.yaml", "T"), ("target/a/bootstrap", "B"), (SHA256SUMS, &sums)]).unwrap();
    }

    #[test]
    fn a_changed_file_is_named_with_both_sums() {
        let sums = format!("{}  template.yaml\n", sum("T"));
        let error = verify(&[("template.yaml", "changed"), (SHA256SUMS, &sums)]).unwrap_err();
        let SumsError::Mismatch { path, listed, found } = error else { unreachable!("{error}") };
        assert_eq!((path.as_str(), listed, found), ("template.yaml", sum("T"), sum("changed")));
    }

    #[test]
    fn a_file_that_nobody_listed_is_refused() {
        let sums = format!("{}  template.yaml\n", sum("T"));
        let error = verify(&[("template.yaml", "T"), ("smuggled", "S"), (SHA256SUMS, &sums)]).unwrap_err();
        assert!(matches!(error, SumsError::Unlisted(path) if path == "smuggled"));
    }

    #[test]
    fn a_listed_file_that_is_not_there_is_refused() {
        let sums = format!("{}  template.yaml\n{}  gone\n", sum("T"), sum("G"));
        let error = verify(&[("template.yaml", "T"), (SHA256SUMS, &sums)]).unwrap_err();
        assert!(matches!(error, SumsError::Absent(path) if path == "gone"));
    }

    #[test]
    fn a_line_that_is_no_sum_is_refused_by_its_number() {
        let sums = format!("{}  template.yaml\nnot a sum\n", sum("T"));
        assert!(matches!(verify(&[("template.yaml", "T"), (SHA256SUMS, &sums)]), Err(SumsError::Line(2))));
    }

    #[test]
    fn an_artifact_without_sums_is_refused() {
        assert!(matches!(verify(&[("template.yaml", "T")]), Err(SumsError::Missing)));
    }
}
