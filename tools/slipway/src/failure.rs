//! The ends of a command other than well.

use std::fmt::Display;
use std::process::ExitCode;

/// The two ways to fail, and being told to stop.
#[derive(Debug)]
pub enum Failure {
    /// The chain worked and said no: a build that fails, a release rolled back against expectation (exit 1).
    SaidNo(String),
    /// The command cannot be carried out as asked, or on this machine (exit 2).
    Environment(String),
    /// Interrupted (exit 130, as shells report SIGINT).
    Interrupted,
}

impl Failure {
    /// A failure of the environment, with its cause.
    pub fn environment(what: impl Display, cause: impl Display) -> Self {
        Self::Environment(format!("{what}: {cause}"))
    }

    /// The text for a person.
    pub fn text(&self) -> &str {
        match self {
            Self::SaidNo(text) | Self::Environment(text) => text,
            Self::Interrupted => "interrupted; everything that was started has been ended",
        }
    }

    /// The exit code for the shell.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::SaidNo(_) => 1,
            Self::Environment(_) => 2,
            Self::Interrupted => 130,
        })
    }
}
