//! The dry run: the checks of a manifest, by the code of the hooks, against a URL and functions that somebody names.
//!
//! It runs what it is told the means of, function by function, `checks` before `public` as a deployment does, each list in the time that a
//! hook has. The others are told as not run, with the reason.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::aws::{self, AwsFunctions, AwsLogLines, HttpPublicUrl};
use slipway_shared::hook::{Case, Claim, Deadline, Deployed, LifecycleEvent, List, Notebook, Shift, Subject};
use slipway_shared::identity::{FunctionName, FunctionVersion, InvalidName};
use slipway_shared::parameters::ParameterNames;
use slipway_shared::reading::nearest;
use slipway_shared::suite::{Check, Probe, Suite};

use super::ports::{DryPorts, Functions, Given, Logs};
use super::report::{Outcome, Ran};
use super::target::Target;
use crate::cli::CheckOptions;
use crate::failure::Failure;
use crate::operator;

/// The time of a hook's function, as `template.yaml` has it.
const HOOK: Duration = Duration::from_secs(60);
/// It stands for the target version where no published one is named.
const VERSION: &str = "1";
/// It stands for names by which nothing is called.
const NOBODYS: &str = "dry-run";

/// Runs every check of which the options tell the means.
///
/// # Errors
/// Fails if a function is none of the manifest's or is named twice, or if AWS could not be asked; nothing is sent then.
pub async fn all<'a>(options: &CheckOptions, suites: &'a [(String, &'a Suite)]) -> Result<Vec<Ran<'a>>, Failure> {
    known(&options.functions, suites)?;
    let site = HttpPublicUrl::new(&operator::anonymous()?);
    let lambda = match options.functions.is_empty() {
        true => None,
        false => {
            let aws = operator::settings(options.endpoint.as_deref())?;
            Some((AwsFunctions::new(aws::lambda(&aws)), AwsLogLines::new(aws::cloudwatchlogs(&aws))))
        }
    };
    let mut ran = Vec::new();
    for (name, suite) in suites {
        let target = options.functions.iter().find(|(id, _)| id == name).map(|(_, target)| target);
        let means = Means { url: options.url.as_deref(), target, lambda: lambda.as_ref(), site: &site };
        for (list, checks) in [(List::Checks, &suite.checks), (List::Public, &suite.public)] {
            ran.extend(Box::pin(means.run(name, list, checks)).await?);
        }
    }
    Ok(ran)
}

/// Every function that is named must be one of the file's, once.
fn known(named: &[(String, Target)], suites: &[(String, &Suite)]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for (id, _) in named {
        let mut names = suites.iter().map(|(name, _)| name.as_str());
        if !names.clone().any(|name| name == id) {
            // Of a suite by itself it is the only name.
            let meant = if suites.len() == 1 { names.next() } else { nearest(id, names) };
            let meant = meant.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            return Err(Failure::Environment(format!("--function {id}: there is no such function in the file{meant}")));
        }
        if !seen.insert(id) {
            return Err(Failure::Environment(format!("--function {id}: it is named twice")));
        }
    }
    Ok(())
}

/// The means that the options give for one function.
struct Means<'m> {
    url: Option<&'m str>,
    target: Option<&'m Target>,
    lambda: Option<&'m (AwsFunctions, AwsLogLines)>,
    site: &'m HttpPublicUrl,
}

impl Means<'_> {
    async fn run<'a>(&self, function: &'a str, list: List, checks: &'a [Check]) -> Result<Vec<Ran<'a>>, Failure> {
        let mut ran: Vec<Ran<'a>> = checks.iter().map(|check| self.before(function, list, check)).collect();
        let asked: Vec<Check> =
            checks.iter().filter(|check| self.missing(function, check).is_none()).cloned().collect();
        if asked.is_empty() {
            return Ok(ran);
        }
        let notebook = Notebook::default();
        let case = self.case(list, &notebook);
        let case = case.map_err(|error| Failure::environment(format!("{function} cannot be run"), error))?;
        case.run_checks(list, asked).await;
        for found in &notebook.evidence().outcomes {
            ran.iter_mut().filter(|one| one.check == found.name).for_each(|one| one.found(found));
        }
        Ok(ran)
    }

    /// A check as it is told if nothing is found: as not run, for the reason that there is.
    fn before<'a>(&self, function: &'a str, list: List, check: &'a Check) -> Ran<'a> {
        let missing = self.missing(function, check);
        Ran {
            function,
            list: match list {
                List::Checks => "checks",
                List::Public => "public",
            },
            check: &check.name,
            kind: check.probe.kind(),
            outcome: if missing.is_some() { Outcome::NotRun } else { Outcome::Errored },
            duration_ms: None,
            reasons: vec![missing.unwrap_or_else(|| "it has not ended".to_owned())],
        }
    }

    /// The reason why a check cannot be run, if it cannot.
    fn missing(&self, function: &str, check: &Check) -> Option<String> {
        match &check.probe {
            Probe::Http(_) if self.url.is_none() => Some("no --url says where the application is".to_owned()),
            Probe::Invoke(_) | Probe::Latency(_) if self.target.is_none() => {
                Some(format!("no --function {function}=… says which function it is"))
            }
            Probe::Http(_) | Probe::Invoke(_) | Probe::Latency(_) => None,
            Probe::Logs(_) if self.version().is_none() => {
                Some(format!("no --function {function}=NAME:VERSION says which published version's log it is"))
            }
            Probe::Logs(_) => None,
            Probe::Drift(_) => Some("it compares the two versions of a deployment".to_owned()),
            Probe::Alarms(_) => Some("it reads the alarms of a deployment group".to_owned()),
        }
    }

    fn version(&self) -> Option<FunctionVersion> {
        self.target.and_then(Target::version)
    }

    fn case(&self, list: List, notebook: &Notebook) -> Result<Case<DryPorts>, InvalidName> {
        let name: FunctionName = match self.target {
            Some(target) => target.name.clone(),
            None => NOBODYS.parse()?,
        };
        let target_version: FunctionVersion = self.version().map_or_else(|| VERSION.parse(), Ok)?;
        let shift = Shift { function: name, alias: String::new(), current_version: None, target_version };
        let functions = self.target.zip(self.lambda).map(|(target, (lambda, _))| (lambda.clone(), target.clone()));
        let logs = self.lambda.filter(|_| self.version().is_some()).map(|(_, logs)| logs.clone());
        let ports = DryPorts {
            site: self.site.clone(),
            functions: Functions(functions),
            logs: Logs(logs),
            parameters: Given { url: self.url.map(str::to_owned) },
        };
        let subject = Subject {
            application: String::new(),
            group: String::new(),
            deployed: Deployed::Function(shift),
            // Lines from before are not the run's.
            began: Some(Timestamp::now()),
            creator: None,
            event: match list {
                List::Checks => LifecycleEvent::BeforeAllowTraffic,
                List::Public => LifecycleEvent::AfterAllowTraffic,
            },
            claim: Claim::Own,
        };
        Ok(Case {
            ports: Arc::new(ports),
            names: ParameterNames::new(&NOBODYS.parse()?, &NOBODYS.parse()?),
            subject,
            notebook: notebook.clone(),
            passed: BTreeSet::new(),
            until: Deadline::after(HOOK).checks(),
        })
    }
}
