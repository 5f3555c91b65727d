//! The weight of a program's package: Lambda unpacks it at a cold start, and the artifact store keeps it.

use std::io::{Cursor, Write as _};
use std::path::Path;

use serde::Serialize;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The sizes of a program and its package, in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Size {
    /// The program itself, not compressed.
    pub program: u64,
    /// A zip of it as `bootstrap`, at the best deflate level (`zip -9`).
    pub zip: u64,
}

impl Size {
    /// Weighs a program.
    ///
    /// # Errors
    /// Fails if it cannot be read.
    pub fn of(program: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(program)?;
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("bootstrap", SimpleFileOptions::default().compression_level(Some(9)).unix_permissions(0o755))?;
        zip.write_all(&bytes)?;
        Ok(Self { program: bytes.len().try_into()?, zip: zip.finish()?.into_inner().len().try_into()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_is_smaller_than_what_repeats_itself() {
        let mut program = tempfile::NamedTempFile::new().unwrap();
        program.write_all(&[7; 100_000]).unwrap();
        let size = Size::of(program.path()).unwrap();
        assert_eq!(size.program, 100_000);
        assert!((100..1_000).contains(&size.zip), "{size:?}");
    }
}
