//! Build artifacts: reading and verifying the zip a build left, and making the zips that are released.
//!
//! No artifact, package or file in one is ever in memory as a whole, texts excepted: zips are files without a name, and what is in
//! them is moved in pieces. The zips made here are reproducible, so that the same files always have the same SHA-256, which is the
//! address they are stored under.

mod bundle;
mod digest;
mod elf;
mod opening;
mod package;
mod spool;
mod sums;

pub use bundle::{Bundle, BundleError, BundleFile};
pub use digest::Sha256Digest;
pub use elf::{Machine, bootstrap_machine};
pub use package::{PackageError, PackageWriter};
#[cfg(any(test, feature = "fakes"))]
pub use package::{PackageFile, reproducible_zip};
pub use spool::{Spool, SpoolReader, SpoolWriter};
pub use sums::{SHA256SUMS, SumsError, verify_sums};
