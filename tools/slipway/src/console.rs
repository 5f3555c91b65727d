//! The terminal: notes on stderr, results on stdout, logs by level.

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::EnvFilter;

/// A line for the person who watches.
pub fn note(line: &str) {
    // A closed stderr is nobody watching.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints a result to stdout.
pub fn result(text: &str) {
    // A closed stdout is nobody reading, such as a pager that was left.
    let _ = writeln!(io::stdout(), "{text}");
}

/// True if somebody watches stderr.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Logs of the plane: nothing but errors unless asked, or as `RUST_LOG` says.
pub fn log_to_stderr(verbose: bool) {
    let default = if verbose { "info" } else { "off" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false).init();
}
