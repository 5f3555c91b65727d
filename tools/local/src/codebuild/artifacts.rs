//! Collecting what a build made and packing it reproducibly.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::buildspec::Artifacts;
use super::glob::Globs;
use super::tree::{Kind, walk};

/// Files by their path in the artifact, in order.
pub type Collected = Vec<(String, PathBuf)>;

/// Finds the files that `artifacts` names in the source directory.
///
/// # Errors
/// A sentence in CodeBuild's words when nothing matches.
pub fn collect(artifacts: &Artifacts, source: &Path) -> Result<Collected, String> {
    let globs = |globs: &[String]| {
        Globs::new(globs.iter().map(String::as_str)).map_err(|glob| format!("{glob} cannot be read as a pattern"))
    };
    let (files, excluded) = (globs(&artifacts.files)?, globs(&artifacts.exclude_paths)?);
    let mut collected = Collected::new();
    for base in base_directories(artifacts, source)? {
        let found = walk(&base).map_err(|error| format!("{} cannot be read: {error}", base.display()))?;
        for (path, kind) in found {
            if kind == Kind::Directory || !files.matches(&path) || excluded.matches(&path) {
                continue;
            }
            let place = base.join(&path);
            // A link counts as the file that it leads to, if it leads to one.
            if !place.is_file() {
                continue;
            }
            let name = match path.rsplit_once('/') {
                Some((_, name)) if artifacts.discard_paths => name.to_owned(),
                _ => path,
            };
            collected.retain(|(other, _)| *other != name);
            collected.push((name, place));
        }
    }
    if collected.is_empty() {
        return Err(format!("no matching artifact paths found for {}", artifacts.files.join(", ")));
    }
    collected.sort();
    Ok(collected)
}

fn base_directories(artifacts: &Artifacts, source: &Path) -> Result<Vec<PathBuf>, String> {
    let Some(base) = &artifacts.base_directory else { return Ok(vec![source.to_owned()]) };
    let missing = || format!("no matching base directory path found for {base}");
    if !base.contains(['*', '?']) {
        let place = source.join(base);
        return if place.is_dir() { Ok(vec![place]) } else { Err(missing()) };
    }
    let glob = Globs::new([base.as_str()]).map_err(|_| missing())?;
    let entries = walk(source).map_err(|error| error.to_string())?;
    let found: Vec<PathBuf> = entries
        .into_iter()
        .filter(|(path, kind)| *kind == Kind::Directory && glob.matches(path))
        .map(|(path, _)| source.join(path))
        .collect();
    if found.is_empty() { Err(missing()) } else { Ok(found) }
}

/// Zips files: the same files make the same bytes.
///
/// # Errors
/// Fails if a file cannot be read.
pub fn pack(collected: &Collected) -> io::Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, place) in collected {
        let mode = fs::metadata(place)?.permissions().mode() & 0o777;
        // Stored, not deflated: it goes to a bucket on the same machine. Without a time, zip's own zero.
        let options = SimpleFileOptions::default().unix_permissions(mode).compression_method(CompressionMethod::Stored);
        zip.start_file(name, options)?;
        zip.write_all(&fs::read(place)?)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn tree(paths: &[&str]) -> TempDir {
        let folder = TempDir::new().unwrap();
        for path in paths {
            let place = folder.path().join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, path).unwrap();
        }
        folder
    }

    fn names(artifacts: &Artifacts, source: &TempDir) -> Vec<String> {
        collect(artifacts, source.path()).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    fn artifacts(files: &[&str], base: Option<&str>) -> Artifacts {
        Artifacts {
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            base_directory: base.map(str::to_owned),
            ..Artifacts::default()
        }
    }

    /// The example of the user guide's `base-directory`.
    const GUIDE: [&str; 3] =
        ["my-build1/my-file1.txt", "my-build2/my-file2.txt", "my-build2/my-subdirectory/my-file3.txt"];

    #[test]
    fn a_base_directory_is_left_out_of_the_paths() {
        let source = tree(&GUIDE);
        assert_eq!(
            names(&artifacts(&["*/my-file3.txt"], Some("my-build2")), &source),
            ["my-subdirectory/my-file3.txt"]
        );
    }

    #[test]
    fn discarded_paths_leave_only_names() {
        let mut wanted = artifacts(&["**/*"], Some("my-build*"));
        wanted.discard_paths = true;
        assert_eq!(names(&wanted, &tree(&GUIDE)), ["my-file1.txt", "my-file2.txt", "my-file3.txt"]);
    }

    #[test]
    fn excluded_paths_stay_out() {
        let mut wanted = artifacts(&["**/*"], None);
        wanted.exclude_paths = vec!["my-build2/**/*".to_owned()];
        assert_eq!(names(&wanted, &tree(&GUIDE)), ["my-build1/my-file1.txt"]);
    }

    #[test]
    fn nothing_found_is_an_error_that_names_what_was_looked_for() {
        let source = tree(&["a"]);
        assert!(collect(&artifacts(&["b/*"], None), source.path()).unwrap_err().contains("b/*"));
        assert!(collect(&artifacts(&["*"], Some("out")), source.path()).unwrap_err().contains("out"));
    }

    #[test]
    fn the_same_files_pack_to_the_same_bytes() {
        let (one, other) = (tree(&GUIDE), tree(&GUIDE));
        let all = artifacts(&["**/*"], None);
        let zips = [&one, &other].map(|source| pack(&collect(&all, source.path()).unwrap()).unwrap());
        assert_eq!(zips[0], zips[1]);
        assert!(zips[0].len() > 100);
    }
}
