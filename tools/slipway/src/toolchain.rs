//! The programs that a rehearsal needs: git, and cargo-lambda, which is installed into the project's own `target` from
//! PyPI when it is not on the path.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::console;
use crate::failure::Failure;

/// The project's own directory for what its commands keep.
pub fn work_dir() -> PathBuf {
    project_dir().join("target/slipway")
}

/// The workspace this command was built from.
pub fn project_dir() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// Makes sure of git and cargo-lambda; answers the directories that a build's PATH needs in front.
///
/// # Errors
/// Fails if one is missing and cannot be installed, in one line that says what to do.
pub async fn ensure() -> Result<Vec<PathBuf>, Failure> {
    if !answers("git", &["--version"]).await {
        return Err(Failure::Environment("git is needed and not on the PATH: install it and try again".to_owned()));
    }
    if answers("cargo-lambda", &["lambda", "--version"]).await {
        return Ok(Vec::new());
    }
    let environment = work_dir().join("tools");
    let programs = environment.join("bin");
    let cargo_lambda = programs.join("cargo-lambda");
    if !answers(&cargo_lambda.to_string_lossy(), &["lambda", "--version"]).await {
        console::note("installing cargo-lambda from PyPI into target/slipway/tools");
        let requirements = project_dir().join("tools/requirements.txt");
        install(&environment, &requirements).await?;
    }
    Ok(vec![programs])
}

async fn install(environment: &Path, requirements: &Path) -> Result<(), Failure> {
    let advice = "cargo-lambda is needed: `pip install cargo-lambda` and try again";
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(environment);
    run(venv, advice).await?;
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(requirements);
    run(pip, advice).await
}

async fn run(mut command: Command, advice: &str) -> Result<(), Failure> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(|error| Failure::environment(advice, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::environment(advice, said.lines().last().unwrap_or("it failed without a word")))
}

async fn answers(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}
