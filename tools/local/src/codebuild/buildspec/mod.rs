//! Buildspecs 0.1 and 0.2: what a build is to run, read from YAML with the line of every mistake.
//!
//! Reading is pure. A member that the plane cannot run is an error; one that is accepted without effect is a note for the log.

mod reader;
#[cfg(test)]
mod tests;

use slipway_shared::template::parse;

use self::reader::Reader;

/// A phase that has commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseName {
    /// The installation of tools and packages.
    Install,
    /// Preparations, such as a login to a registry.
    PreBuild,
    /// The build itself, such as compiling and testing.
    Build,
    /// Packaging: also runs when the build failed.
    PostBuild,
}

impl PhaseName {
    /// The phases in the order in which they run, with their keys.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Install, "install"),
        (Self::PreBuild, "pre_build"),
        (Self::Build, "build"),
        (Self::PostBuild, "post_build"),
    ];

    /// The API's name of it.
    pub const fn phase_type(self) -> &'static str {
        match self {
            Self::Install => "INSTALL",
            Self::PreBuild => "PRE_BUILD",
            Self::Build => "BUILD",
            Self::PostBuild => "POST_BUILD",
        }
    }

    /// True if the next step is still done after a failure of this one on which the buildspec is silent: a failed build is
    /// followed by post_build, and `UPLOAD_ARTIFACTS` is attempted after both; before them, nothing more is run.
    pub const fn continues_by_default(self) -> bool {
        matches!(self, Self::Build | Self::PostBuild)
    }
}

/// The commands of one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The phase to which the commands belong.
    pub name: PhaseName,
    /// The commands, run one after the other, until one fails.
    pub commands: Vec<String>,
    /// The commands run after them in any case.
    pub finally: Vec<String>,
    /// `on-failure`: whether the rest of the build is run after a failure of this one.
    pub continues: bool,
}

/// The files to take from the build directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artifacts {
    /// Globs relative to the base directory.
    pub files: Vec<String>,
    /// Globs of what is left out.
    pub exclude_paths: Vec<String>,
    /// A directory, or a glob of directories, in the source directory.
    pub base_directory: Option<String>,
    /// True if all files land in the root of the artifact.
    pub discard_paths: bool,
    /// The artifact's name in shell language, used when the project says so.
    pub name: Option<String>,
}

/// A whole buildspec of version 0.1 or 0.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buildspec {
    /// True if `env.shell` is bash. Otherwise it is `sh`.
    pub bash: bool,
    /// Version 0.1: every command has a shell of its own.
    pub isolated: bool,
    /// `env.variables`.
    pub variables: Vec<(String, String)>,
    /// `env.parameter-store`: variable and parameter.
    pub parameters: Vec<(String, String)>,
    /// `env.exported-variables`.
    pub exported: Vec<String>,
    /// The phases that it has, in order.
    pub phases: Vec<Phase>,
    /// The primary artifact, if the buildspec has `artifacts`.
    pub artifacts: Option<Artifacts>,
    /// Further artifacts by identifier.
    pub secondary_artifacts: Vec<(String, Artifacts)>,
    /// Globs of what is kept between builds.
    pub cache_paths: Vec<String>,
    /// Remarks on members that were accepted and have no effect here, for the build's log.
    pub notes: Vec<String>,
}

/// The reason for which a buildspec cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct BuildspecError {
    /// The line of the fault, counted from 1.
    pub line: usize,
    /// The fault in that line.
    pub message: String,
}

impl BuildspecError {
    /// The text as CodeBuild tells it: the line comes last, unless the message names it.
    pub fn told(&self) -> String {
        let Self { line, message } = self;
        if message.contains(" at line ") { message.clone() } else { format!("{message} at line {line}") }
    }
}

impl Buildspec {
    /// Reads a buildspec.
    ///
    /// # Errors
    /// The first thing that is not YAML, not a buildspec, or not run by the plane.
    pub fn read(text: &str) -> Result<Self, BuildspecError> {
        let root = parse(text).map_err(|error| BuildspecError { line: error.line, message: format!("{error}") })?;
        Reader::new(text).read(&root)
    }
}
