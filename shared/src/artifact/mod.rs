//! Build artifacts: reading and verifying the zip a build left, and making the zips that are released.
//!
//! Pure: bytes in, bytes out. The zips made here are reproducible, so that the same files always have the same
//! SHA-256, which is the address they are stored under.

mod bundle;
mod digest;
mod package;
mod sums;

pub use bundle::{Bundle, BundleError, BundleFile};
pub use digest::Sha256Digest;
pub use package::{PackageError, PackageFile, reproducible_zip};
pub use sums::{SHA256SUMS, SumsError, verify_sums};
