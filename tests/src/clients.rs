//! AWS's own clients from PyPI, pinned in `tests/requirements.txt`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use serde_json::Value;
use tokio::process::Command;

use crate::project_dir;

/// The AWS CLI, pointed at a plane.
#[derive(Clone, Debug)]
pub struct Aws {
    endpoint: String,
}

/// The CLI said no.
#[derive(Clone, Debug)]
pub struct CliError(
    /// The text that it wrote to stderr.
    pub String,
);

impl Aws {
    /// A CLI that talks to `endpoint`.
    pub fn at(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned() }
    }

    /// Runs `aws WORDS… --output json`; answers what it printed, null when that is nothing.
    ///
    /// # Errors
    /// The words that the CLI wrote, if it failed.
    pub async fn run(&self, words: &[&str]) -> Result<Value, CliError> {
        let output = self.output(words).await;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(CliError(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Ok(serde_json::from_str(&said).unwrap_or(Value::Null))
    }

    /// Runs `aws WORDS…` that must succeed.
    ///
    /// # Panics
    /// Panics if it fails, with what it wrote.
    pub async fn ok(&self, words: &[&str]) -> Value {
        match self.run(words).await {
            Ok(value) => value,
            Err(error) => panic!("aws {}: {}", words.join(" "), error.0),
        }
    }

    /// Runs `aws WORDS…` that must fail; answers what it wrote.
    ///
    /// # Panics
    /// Panics if it succeeds.
    pub async fn refused(&self, words: &[&str]) -> String {
        match self.run(words).await {
            Ok(value) => panic!("aws {} succeeded: {value}", words.join(" ")),
            Err(error) => error.0,
        }
    }

    async fn output(&self, words: &[&str]) -> Output {
        let home = std::env::temp_dir();
        let run = Command::new(program("aws"))
            .args(words)
            .args(["--output", "json"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "tests")
            .env("AWS_SECRET_ACCESS_KEY", "tests")
            .env("AWS_MAX_ATTEMPTS", "1")
            .kill_on_drop(true)
            .output()
            .await;
        run.unwrap_or_else(|error| panic!("the AWS CLI does not start: {error}"))
    }
}

/// A program of the clients' environment: `aws`, `sam`, `cfn-lint`, `python`.
///
/// # Panics
/// Panics if the clients are not installed and cannot be.
pub fn program(name: &str) -> PathBuf {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    let programs = PROGRAMS.get_or_init(|| {
        install().unwrap_or_else(|error| {
            panic!("the AWS clients of tests/requirements.txt are needed, and PyPI to install them from: {error}")
        })
    });
    programs.join(name)
}

/// Installs what is pinned, once for all test processes; the requirements' text is the mark of a whole installation.
fn install() -> io::Result<PathBuf> {
    let kept = project_dir().join("target/slipway");
    fs::create_dir_all(&kept)?;
    let lock = File::create(kept.join("clients.lock"))?;
    lock.lock()?;
    let environment = kept.join("clients");
    let requirements = project_dir().join("tests/requirements.txt");
    let (mark, wanted) = (environment.join("installed.txt"), fs::read_to_string(&requirements)?);
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(environment.join("bin"));
    }
    run("python3", &["-m", "venv", "--clear"], &environment)?;
    let pip = environment.join("bin/python");
    let words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run(&pip.to_string_lossy(), &words, &requirements)?;
    fs::write(mark, wanted)?;
    Ok(environment.join("bin"))
}

fn run(program: &str, words: &[&str], last: &Path) -> io::Result<()> {
    let output = std::process::Command::new(program).args(words).arg(last).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(said.trim().lines().last().unwrap_or("it failed without a word").to_owned()))
}
