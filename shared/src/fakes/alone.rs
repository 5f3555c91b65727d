//! Tests of what is logged, each in a process of its own.
//!
//! `tracing` keeps for the whole process which events anybody wants to see. A thread that meets an event for the first time, just while
//! another one subscribes, can leave it unwanted for good (<https://docs.rs/tracing-core/latest/tracing_core/callsite/index.html>): a
//! test that reads the log next to tests that log would now and then find nothing.

use std::process::Command;
use std::{env, io, thread};

const ALONE: &str = "SLIPWAY_TEST_ALONE";

/// True in a process that runs nothing but the calling test. In any other it runs the test in such a process, and the test is over.
///
/// # Errors
/// Fails if the test's own program cannot be run.
///
/// # Panics
/// Panics if the test fails there.
pub fn is_alone() -> io::Result<bool> {
    // The thread of a test has its name, unless all of them run one after the other on the first thread.
    let thread = thread::current();
    let Some(test) = thread.name().filter(|name| env::var_os(ALONE).is_none() && *name != "main") else {
        return Ok(true);
    };
    let output = Command::new(env::current_exe()?).args([test, "--exact", "--nocapture"]).env(ALONE, "1").output()?;
    let [told, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success() && told.contains("1 passed"), "{told}\n{errors}");
    Ok(false)
}
