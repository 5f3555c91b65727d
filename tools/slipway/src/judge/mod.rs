//! `slipway judge`: observations of past or simulated deployments, judged by the judge of a canary.
//!
//! The whole file is read before anything is judged: a fault in one line leaves nothing judged. What a line may hold and what is printed
//! is in `docs/verdicts.md`.

mod history;
mod observation;
mod table;
mod time;
mod verdict;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use slipway_shared::judge::{Judge, Policy};

use crate::cli::JudgeOptions;
use crate::console;
use crate::failure::Failure;

use history::History;
use verdict::Verdict;

/// Judges the deployments of a file, each by itself, and prints a verdict for each.
///
/// # Errors
/// Fails if the file cannot be read, or with the faults of all its lines.
pub fn run(options: &JudgeOptions) -> Result<(), Failure> {
    let strictness =
        Policy { level: options.level, minimum_requests: options.minimum_requests, ..Policy::new(Vec::new()) };
    let (name, bytes) = read(&options.file)?;
    let history = History::read(&bytes).map_err(|faults| Failure::Environment(told(&name, &faults)))?;
    let verdicts: Vec<_> = history
        .deployments()
        .map(|(deployment, past)| {
            let policy = verdict::policy(&strictness, options.tolerance, past.metrics());
            let judge = Judge::new(policy).map_err(|fault| Failure::environment("judge", fault))?;
            Ok(verdict::of(deployment, past, judge))
        })
        .collect::<Result<_, Failure>>()?;
    if options.json {
        console::result(&lines(&verdicts)?);
    } else {
        console::result(&table::of(&verdicts));
    }
    Ok(())
}

/// The content, with the name by which faults call it.
fn read(file: &Path) -> Result<(String, Vec<u8>), Failure> {
    let mut bytes = Vec::new();
    let (name, read) = if file == Path::new("-") {
        ("standard input".to_owned(), io::stdin().lock().read_to_end(&mut bytes))
    } else {
        (file.display().to_string(), File::open(file).and_then(|mut file| file.read_to_end(&mut bytes)))
    };
    read.map_err(|error| Failure::environment(format_args!("read {name}"), error))?;
    Ok((name, bytes))
}

fn told(name: &str, faults: &[history::Fault]) -> String {
    let count = match faults.len() {
        1 => "one fault".to_owned(),
        count => format!("{count} faults"),
    };
    let lines: String = faults.iter().map(|fault| format!("\n{name}:{fault}")).collect();
    format!("{count}, nothing was judged{lines}")
}

fn lines(verdicts: &[Verdict<'_>]) -> Result<String, Failure> {
    let lines: Result<Vec<_>, _> = verdicts.iter().map(serde_json::to_string).collect();
    Ok(lines.map_err(|error| Failure::environment("write a verdict", error))?.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use super::*;

    fn judge(text: &str) -> Result<(), Failure> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        run(&JudgeOptions {
            file: file.path().to_owned(),
            json: true,
            level: Policy::LEVEL,
            tolerance: 1.0,
            minimum_requests: Policy::MINIMUM_REQUESTS,
        })
    }

    #[test]
    fn a_deployment_that_fails_is_judged_all_the_same() {
        let line = |version: &str, bad: u64| {
            format!("{{\"at\":60,\"version\":\"{version}\",\"metric\":\"errors\",\"requests\":900,\"bad\":{bad}}}\n")
        };
        assert!(judge(&(line("current", 9) + &line("target", 400))).is_ok());
    }

    #[test]
    fn a_faulty_file_ends_as_a_usage_does_and_names_its_lines() {
        let failure = judge("x\n{}").unwrap_err();
        assert!(failure.text().starts_with("2 faults, nothing was judged\n"), "{}", failure.text());
        assert!(failure.text().ends_with(":2:2: missing field `at`"), "{}", failure.text());
        assert_eq!(format!("{:?}", failure.exit_code()), format!("{:?}", ExitCode::from(2)));
    }
}
