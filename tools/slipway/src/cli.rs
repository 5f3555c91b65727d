//! The command line of `slipway`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use slipway_shared::identity::Stage;
use slipway_shared::judge::Policy;

use crate::check::Target;

/// Launches serverless applications safely: rehearse a whole release on this machine.
#[derive(Debug, Parser)]
#[command(name = "slipway", version, about)]
pub struct Cli {
    /// Shows what the services of the plane log, too.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// The verb, with its options.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs of `slipway`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the local plane until it is interrupted, and prints the environment that points AWS clients at it.
    Up(UpOptions),
    /// Takes commits through source, build, release, canary and promotion or rollback, for real, on this machine.
    Rehearse(RehearseOptions),
    /// Prints the least policy that the last rehearsal's calls of a role needed.
    ///
    /// Example: slipway policy contacts-prod-DeployTriggerRole
    Policy(PolicyOptions),
    /// Judges observations of both versions, deployment by deployment, as the gate of a canary would have.
    ///
    /// A line of the file is what came of one version since the look before:
    ///
    /// {"deployment":"a","at":60,"version":"target","metric":"errors","requests":900,"bad":9}
    ///
    /// `version` is current or target, `at` seconds or RFC 3339; lines with the same `at` are one look, in whatever order they come.
    /// `deployment` may be left out. The exit code is 0 if all was judged, whatever came of it, and 2 if a line is faulty: then nothing
    /// is judged, and every fault is told with its line.
    ///
    /// Example: slipway judge history.jsonl --json
    Judge(JudgeOptions),
    /// Tells what was judged of a deployment or a release, with the numbers, and what a hook said last that failed or never answered.
    ///
    /// Example: slipway explain d-ABCDEF123 --svg canary.svg
    Explain(ExplainOptions),
    /// Lists the last releases of each stage, newest first, and says which one is live.
    ///
    /// Example: slipway releases --stage shop/production --limit 5
    Releases(ReleasesOptions),
    /// Shows all that is recorded of one release.
    ///
    /// Example: slipway show 4f2e9a1c
    Show(ShowOptions),
    /// Overrides an alarm: releases that are prepared before it expires leave the alarm out of their deployment groups.
    ///
    /// For the alarm that burns because of what is live, and would stop the release that mends it. The alarm itself is not touched.
    /// Who did it, when and why is kept in the ledger, and told with each such release. Without an alarm, the overrides in force are
    /// listed.
    ///
    /// Example: slipway override shop-production-orders-errors --until 2h --reason "4f2e9a1 mends the table's name"
    Override(OverrideOptions),
    /// Validates a manifest with the files that it names, or a suite, and tells every fault as file:line:column: message.
    ///
    /// Functions must be in the template, expressions and schemas must compile, examples must pass their own checks. Nothing is
    /// sent, unless it is said where to: with --url checks of kind http are run against that URL, with --function those of kind
    /// invoke and latency (and logs, of a published version) against that function, as the hooks would run them. A manifest with faults is refused before.
    ///
    /// The exit code is 0 if the manifest is valid and every check that was run has passed, 1 if there are faults, or a check has
    /// not passed, or none could be run, and 2 if there is no manifest or it cannot be asked as it was said.
    ///
    /// Example: slipway check services/shop/slipway.yaml --function Orders=shop-qa-orders:live
    Check(CheckOptions),
    /// Shows the guard that a release adds to the application's template, as a difference of what the template expands to.
    ///
    /// Example: slipway plan --stage production --parameter Environment=blue
    Plan(PlanOptions),
}

/// Something that is on unless it is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// IAM decides as on AWS.
    On,
    /// A call that would have been denied is only noted.
    Off,
}

/// The credentials that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Credentials {
    /// Keys that nobody gave out are the operator's, who is the account's root.
    Any,
    /// Only keys that IAM or STS gave out.
    Strict,
}

/// Options of `policy`.
#[derive(Debug, Args)]
pub struct PolicyOptions {
    /// The role's name or ARN, or a part of the name that only one role has.
    pub role: String,
}

/// Options of `judge`.
#[derive(Debug, Args)]
pub struct JudgeOptions {
    /// The file of observations, one JSON object a line; `-` is the standard input.
    pub file: PathBuf,
    /// Prints one line of JSON for each deployment, in the order in which the file names them first.
    #[arg(long)]
    pub json: bool,
    /// The probability of stopping a deployment whose target is no worse, at most.
    #[arg(long, default_value_t = Policy::LEVEL, value_parser = level)]
    pub level: f64,
    /// The multiple of the current version's odds of a bad request up to which the target is no worse.
    #[arg(long, default_value_t = 1.0, value_parser = tolerance)]
    pub tolerance: f64,
    /// The requests of either version below which a metric has no data.
    #[arg(long, value_name = "REQUESTS", default_value_t = Policy::MINIMUM_REQUESTS)]
    pub minimum_requests: u64,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainOptions {
    /// A deployment's id, or a release's: its pipeline execution, or the beginning of its digest or commit.
    #[arg(value_name = "DEPLOYMENT|RELEASE")]
    pub subject: String,
    /// Draws both versions over time into this file, too.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// The endpoint that stands for AWS, such as the local plane's; any credentials will do there.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// Options of `releases`.
#[derive(Debug, Args)]
pub struct ReleasesOptions {
    /// The stage whose releases are listed; all of them otherwise.
    #[arg(long, value_name = "APPLICATION/STAGE")]
    pub stage: Option<String>,
    /// The number of releases of each stage, at most.
    #[arg(long, value_name = "RELEASES", default_value_t = 20, value_parser = limit)]
    pub limit: usize,
    /// Prints one line of JSON for each release.
    #[arg(long)]
    pub json: bool,
    /// The endpoint that stands for AWS, such as the local plane's; any credentials will do there.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// Options of `show`.
#[derive(Debug, Args)]
pub struct ShowOptions {
    /// The release: its pipeline execution, or the beginning of its digest or commit. Of several the newest.
    pub release: String,
    /// Prints one line of JSON.
    #[arg(long)]
    pub json: bool,
    /// The endpoint that stands for AWS, such as the local plane's; any credentials will do there.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// Options of `override`.
#[derive(Debug, Args)]
pub struct OverrideOptions {
    /// The name of the alarm, a metric alarm; CodeDeploy reads no others.
    pub alarm: Option<String>,
    /// The end: a time as RFC 3339 has it, or a length from now such as `2h`; at most 7 days.
    #[arg(long, value_name = "WHEN", requires_all = ["alarm", "reason"])]
    pub until: Option<String>,
    /// The reason, for whoever reads of it later.
    #[arg(long, requires = "alarm")]
    pub reason: Option<String>,
    /// Ends the override that is in force.
    #[arg(long, requires_all = ["alarm", "reason"], conflicts_with = "until")]
    pub lift: bool,
    /// The stack whose ledger takes the override, if there are several Slipways.
    #[arg(long, value_name = "STACK")]
    pub slipway: Option<String>,
    /// Prints one line of JSON for each override.
    #[arg(long)]
    pub json: bool,
    /// The endpoint that stands for AWS, such as the local plane's; any credentials will do there.
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The manifest, or a suite by itself (in JSON as a parameter holds it), whose function is called as the file is.
    #[arg(default_value = "slipway.yaml", value_name = "FILE")]
    pub file: PathBuf,
    /// The application's public URL: checks of kind http are run against it, also those that are not idempotent.
    #[arg(long, value_parser = url)]
    pub url: Option<String>,
    /// The function that stands for one of the manifest's, by name or ARN, with a version or alias behind a colon: its checks of
    /// kind invoke and latency are run, and those of kind logs of a published version. May be given several times.
    #[arg(long = "function", value_name = "LOGICALID=FUNCTION[:QUALIFIER]", value_parser = function)]
    pub functions: Vec<(String, Target)>,
    /// Prints one line of JSON for each fault, or each check; for the manifest, if neither.
    #[arg(long)]
    pub json: bool,
    /// The endpoint that stands for AWS, such as the local plane's; any credentials will do there.
    #[arg(long, value_name = "URL", requires = "functions")]
    pub endpoint: Option<String>,
}

/// Options of `plan`.
#[derive(Debug, Args)]
pub struct PlanOptions {
    /// The manifest.
    #[arg(default_value = "slipway.yaml")]
    pub file: PathBuf,
    /// The stage whose deployment preference applies.
    #[arg(long, default_value = "production")]
    pub stage: Stage,
    /// The stack of the Slipway whose hooks are called; `slipway-STAGE` unless said.
    #[arg(long, value_name = "STACK")]
    pub slipway: Option<String>,
    /// A value of a parameter of the template; may be given several times. One without a value and a default stays a reference.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,
}

/// Options of `up`.
#[derive(Debug, Args)]
pub struct UpOptions {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 4566)]
    pub port: u16,
    /// The factor by which the engines' time runs faster; a function's own timeout never does.
    #[arg(long, default_value_t = 1.0, value_parser = scale)]
    pub time_scale: f64,
    /// The endpoint that takes requests for services that the plane does not run.
    #[arg(long, value_name = "URL")]
    pub backing_endpoint: Option<String>,
    /// IAM denies what no policy allows, or only notes it.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub iam: Switch,
    /// The credentials that are taken.
    #[arg(long, value_enum, default_value_t = Credentials::Any)]
    pub credentials: Credentials,
}

/// Options of `rehearse`.
#[derive(Debug, Args)]
pub struct RehearseOptions {
    /// A git repository with a SAM template (template.yaml) and a buildspec.yml: one push of its HEAD is rehearsed. By
    /// default this repository, with a good commit and two bad ones, or four.
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
    /// The factor by which the engines' time runs faster: at 20 a ten-minute canary takes half a minute.
    #[arg(long, default_value_t = 20.0, value_parser = scale)]
    pub time_scale: f64,
    /// Writes the report as JSON, too.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The plane's port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Requests a second that the load generator sends to the public URL.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    /// The load generator's requests: a profile as tools/slipway/load/README.md describes it. By default this repository's
    /// own, and for another repository requests for `/`.
    #[arg(long, value_name = "FILE")]
    pub load: Option<PathBuf>,
    /// Stops after the first commit that is judged: a short rehearsal.
    #[arg(long)]
    pub short: bool,
    /// Plays all five commits, not three.
    #[arg(long, conflicts_with = "short")]
    pub all: bool,
    /// IAM denies what no policy allows, or only notes it.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub iam: Switch,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a name, =, and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn function(text: &str) -> Result<(String, Target), String> {
    let (id, target) = parameter(text).map_err(|_| "a logical id, =, and a function".to_owned())?;
    Ok((id, target.parse()?))
}

fn url(text: &str) -> Result<String, String> {
    let url: reqwest::Url = text.trim().parse().map_err(|error| format!("no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("a URL of an application begins with http:// or https://".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("paths are appended to it: it can have no query and no fragment".to_owned());
    }
    Ok(text.trim().to_owned())
}

fn scale(text: &str) -> Result<f64, String> {
    within(text, 0.1..=1000.0)
}

fn limit(text: &str) -> Result<usize, String> {
    let limit = text.parse::<usize>().ok().filter(|limit| (1..=1000).contains(limit));
    limit.ok_or_else(|| "a number from 1 to 1000".to_owned())
}

fn level(text: &str) -> Result<f64, String> {
    within(text, 1e-9..=0.5)
}

fn tolerance(text: &str) -> Result<f64, String> {
    within(text, 1.0..=1000.0)
}

fn within(text: &str, range: RangeInclusive<f64>) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!("a number from {} to {}", range.start(), range.end())),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_public_url_is_one_that_paths_can_be_appended_to() {
        assert!(["http://127.0.0.1:80", "https://a.example/stage/"].iter().all(|text| url(text).is_ok()));
        let others =
            ["", "a.example", "/path", "ftp://a.example", "https://", "https://a.example/?x=1", "https://a.example/#b"];
        assert!(others.iter().all(|text| url(text).is_err()));
    }

    #[test]
    fn a_scale_is_a_positive_number_within_reason() {
        assert!(scale("20").is_ok());
        assert!(["0", "-1", "x", "1e9", "NaN"].iter().all(|text| scale(text).is_err()));
    }
}
