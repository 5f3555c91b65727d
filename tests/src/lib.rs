//! The shared means of the whole-chain tests: a plane to test against, AWS's own clients, and a function to deploy.
//!
//! The clients are installed from PyPI into `target/slipway/clients` when they are not there yet; afterwards nothing needs a
//! network.

#![expect(clippy::panic, reason = "a panic is how a test fails")]

mod clients;
mod function;

pub use clients::{Aws, CliError, program};
pub use function::{ECHO, zip_of};

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The workspace's directory.
pub fn project_dir() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// Asks again until the answer is some, for at most a minute.
///
/// # Panics
/// Panics if the condition has not come true by then.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
