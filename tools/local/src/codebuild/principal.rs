//! CodeBuild as a principal.

/// CodeBuild as a principal.
pub const CODEBUILD: &str = "codebuild.amazonaws.com";
