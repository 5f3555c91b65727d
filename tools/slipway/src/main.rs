//! The `slipway` command: check a manifest, plan what a release adds, rehearse a release on this machine, run the local plane by itself,
//! judge what two versions did, explain what was judged, or override an alarm.
//!
//! Progress goes to stderr, results to stdout. Exit codes: 0 done, 1 the chain said no, 2 usage or environment, 130 interrupted.

mod check;
mod cli;
mod console;
mod explain;
mod failure;
mod interrupt;
mod judge;
mod ledgers;
mod manifest;
mod operator;
mod outputs;
mod overrides;
mod plan;
mod policy;
mod rehearsal;
mod releases;
mod repository;
mod toolchain;
mod up;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    console::log_to_stderr(cli.verbose);
    let outcome = match cli.command {
        Command::Up(options) => up::run(options).await,
        Command::Rehearse(options) => rehearsal::run(options).await,
        Command::Explain(options) => explain::run(&options).await,
        Command::Releases(options) => releases::list(&options).await,
        Command::Show(options) => releases::show(&options).await,
        Command::Override(options) => overrides::run(&options).await,
        Command::Policy(options) => policy::run(&options),
        Command::Judge(options) => judge::run(&options),
        Command::Plan(options) => plan::run(&options),
        Command::Check(options) => check::run(&options).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::note(&format!("slipway: {}", failure.text()));
            failure.exit_code()
        }
    }
}
