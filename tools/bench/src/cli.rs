//! The options of the benchmark.

use std::path::PathBuf;

use clap::Parser;

/// Measures the contacts API's GET /contacts/{id} over TLS, beside programs that answer the same request.
#[derive(Debug, Parser)]
#[command(name = "cargo measure", version)]
pub struct Options {
    /// Another function's `bootstrap`, as NAME=PATH or PATH; it gets the same events and environment. May be repeated; the first
    /// is what warm CPU is compared with.
    #[arg(long, value_name = "PROGRAM")]
    pub against: Vec<String>,

    /// A file with attributes (DynamoDB's JSON) that the added programs find in the item besides the contact's.
    #[arg(long, value_name = "FILE")]
    pub against_item: Option<PathBuf>,

    /// A variable for the added programs, as NAME=VALUE. May be repeated.
    #[arg(long, value_name = "VARIABLE")]
    pub against_env: Vec<String>,

    /// A contacts API that is built already, in place of building it.
    #[arg(long, value_name = "PATH")]
    pub bootstrap: Option<PathBuf>,

    /// Leaves out the baseline, an ordinary function with the SDK's documented defaults, whose build takes minutes.
    #[arg(long)]
    pub no_baseline: bool,

    /// The number of times that each program is started.
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,

    /// The number of warm requests that each start answers.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub requests: u32,

    /// The share of a CPU that a program has from its first request on, for the starts under a quota: 0.072 is what Lambda gives 128 MB.
    #[arg(long, default_value_t = 0.072)]
    pub quota: f64,

    /// Counts instructions with valgrind, too: the one figure that does not depend on what else the machine does.
    #[arg(long)]
    pub instructions: bool,

    /// Writes JSON in place of tables.
    #[arg(long)]
    pub json: bool,
}
