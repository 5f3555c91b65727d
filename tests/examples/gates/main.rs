//! `cargo gates`: what a hook costs on the plane, from its event to its report, as Lambda's own REPORT lines tell it.
//!
//! The hook is the function `pre-traffic` as cargo builds it for development, so that what ships is no slower. It is called by
//! CodeDeploy, once for each deployment; the first call of all, a cold start, is told apart.

mod application;
mod http;

use std::io::{self, Write as _};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};
use application::Application;
use serde_json::{Value, json};
use slipway_tests::project_dir;

/// The deployments of each case.
const DEPLOYMENTS: usize = 40;

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed stderr is nobody watching.
            let _ = writeln!(io::stderr(), "gates: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn measure() -> Result<()> {
    let hook = hook()?;
    let application = Application::start(&hook).await?;
    let server = http::serve().await?;
    let mut out = io::stdout();
    writeln!(out, "{:<28}{:>10}{:>10}{:>10}{:>10}", "suite", "cold ms", "p50 ms", "p95 ms", "bar ms")?;
    row(&application, "empty", &json!({ "checks": [] }), 20).await?;
    let check = |number: usize| json!({ "name": format!("check {number}"), "kind": "http", "path": format!("http://{server}/"), "expect": { "status": 200 } });
    let checks: Vec<Value> = (0..100).map(check).collect();
    row(&application, "100 checks of 50 ms", &json!({ "checks": checks }), 400).await?;
    application.stop().await;
    Ok(())
}

/// Measures one case: the first call of the process if it is one, and the others.
async fn row(application: &Application, name: &str, suite: &Value, bar: u32) -> Result<()> {
    application.suite(suite).await?;
    let mut cold = String::from("-");
    let mut warm = Vec::new();
    while warm.len() < DEPLOYMENTS {
        let call = application.deploy().await?;
        match call.is_cold {
            true => cold = format!("{:.1}", call.milliseconds),
            false => warm.push(call.milliseconds),
        }
    }
    warm.sort_by(f64::total_cmp);
    let quantile = |part: usize| warm[(warm.len() - 1) * part / 100];
    writeln!(io::stdout(), "{name:<28}{cold:>10}{:>10.1}{:>10.1}{bar:>10}", quantile(50), quantile(95))?;
    Ok(())
}

/// Builds the hook, and answers the program.
fn hook() -> Result<std::path::PathBuf> {
    let project = project_dir();
    let built =
        Command::new("cargo").args(["build", "--quiet", "--package", "pre-traffic"]).current_dir(&project).status()?;
    ensure!(built.success(), "the hook cannot be built");
    let own = std::env::current_exe()?;
    let directory =
        own.parent().and_then(std::path::Path::parent).context("an example lies in a folder of examples")?;
    Ok(directory.join("pre-traffic"))
}
