//! `cargo measure`: what a request costs the contacts API, beside other programs that answer the same request.
//!
//! Every program is spawned behind a Lambda Runtime API of its own, in rounds over all programs, and reads its contact from a
//! DynamoDB stub over TLS 1.3. The figures are printed with their spread, and as ratios; nothing here judges them, because a
//! figure of a busy machine proves nothing. Exit codes: 0 measured, 2 it could not be measured.

mod authority;
mod cli;
mod contact;
mod cpu;
mod dynamodb;
mod environment;
mod instructions;
mod measurement;
mod network;
mod package;
mod process;
mod program;
mod quota;
mod report;
mod rounds;
mod runtime_api;
mod statistics;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use cli::Options;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(text) => {
            // A closed stdout is nobody reading.
            let _ = writeln!(io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            note(&format!("measure: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// A line for the person who waits.
fn note(line: &str) {
    // A closed stderr is nobody watching.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Builds while the network is there, then measures in one where nothing but the stubs can be reached.
fn run(options: &Options) -> anyhow::Result<String> {
    let programs = program::all(options)?;
    let network = network::enter().context("a network for the stubs")?;
    if let network::Network::Shared { reason } = &network {
        note(&format!("no network of its own ({reason}): the programs are told their endpoint by AWS_ENDPOINT_URL"));
        anyhow::ensure!(options.against.is_empty(), "an added program could reach AWS itself here: measure it as root");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let report = runtime.block_on(rounds::measure(options, &programs, &network))?;
    if options.json { Ok(serde_json::to_string_pretty(&report)?) } else { Ok(report.to_string()) }
}
