//! Comparing the configurations of the current and the target version. Of the environment, only names are looked at.

use super::super::ports::{Configuration, HookPorts, ReadConfiguration as _};
use super::super::verdict::{Finding, Reason, Reasons};
use super::Run;
use crate::suite::{AllowedChange, Check, Drift};
use crate::telemetry::Chain;

pub(super) async fn run<P: HookPorts>(run: &Run<P>, check: &Check, drift: &Drift) -> Finding {
    let name = &check.name;
    let errored = |subject: &str| Finding::Errored(Reason::new(format!("check {name:?}: {subject}")));
    let Some(shift) = run.case.subject.shift() else { return errored("a service has no versions of a function") };
    let Some(current) = &shift.current_version else {
        return errored("the deployment does not tell the current version");
    };
    let configurations = run.case.ports.configurations();
    let (current, target) = tokio::join!(
        configurations.read_configuration(&shift.function, current),
        configurations.read_configuration(&shift.function, &shift.target_version),
    );
    match (current, target) {
        (Ok(current), Ok(target)) => {
            let differences = differences(&current, &target).into_iter().filter(|(change, _)| !allowed(drift, change));
            let reasons = differences
                .map(|(change, detail)| Reason::with_detail(format!("check {name:?}: {change} differs"), detail));
            Reasons::from_list(reasons.collect()).map_or(Finding::Passed, Finding::Failed)
        }
        (Err(error), _) | (_, Err(error)) => {
            let subject = format!("check {name:?}: a version's configuration cannot be read");
            Finding::Errored(Reason::with_detail(subject, Chain(&error).to_string()))
        }
    }
}

fn allowed(drift: &Drift, change: &AllowedChange) -> bool {
    let any_variable =
        matches!(change, AllowedChange::Variable(_)) && drift.allow.contains(&AllowedChange::Environment);
    any_variable || drift.allow.contains(change)
}

fn differences(current: &Configuration, target: &Configuration) -> Vec<(AllowedChange, String)> {
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let fields = [
        (AllowedChange::Memory, &current.memory, &target.memory),
        (AllowedChange::Timeout, &current.timeout, &target.timeout),
        (AllowedChange::Runtime, &current.runtime, &target.runtime),
        (AllowedChange::Architecture, &current.architecture, &target.architecture),
    ];
    let fields = fields.into_iter().filter(|(_, current, target)| current != target);
    let fields = fields.map(|(change, current, target)| (change, format!("{} became {}", told(current), told(target))));
    let gone = current.variables.difference(&target.variables).map(|name| (name, "is gone"));
    let new = target.variables.difference(&current.variables).map(|name| (name, "is new"));
    let variables = gone.chain(new).map(|(name, what)| (AllowedChange::Variable(name.clone()), what.to_owned()));
    fields.chain(variables).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(memory: &str, variables: &[&str]) -> Configuration {
        Configuration {
            memory: Some(memory.to_owned()),
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
            ..Configuration::default()
        }
    }

    fn told(allow: Vec<AllowedChange>) -> Vec<String> {
        let (current, target) =
            (configuration("128 MB", &["TABLE", "OLD"]), configuration("256 MB", &["TABLE", "NEW"]));
        let drift = Drift { allow };
        let differences = differences(&current, &target).into_iter().filter(|(change, _)| !allowed(&drift, change));
        differences.map(|(change, detail)| format!("{change} {detail}")).collect()
    }

    #[test]
    fn every_difference_is_told_unless_it_is_meant() {
        let all = ["memory 128 MB became 256 MB", "environment.OLD is gone", "environment.NEW is new"];
        assert_eq!(told(Vec::new()), all);
        assert_eq!(told(vec![AllowedChange::Memory, AllowedChange::Variable("OLD".into())]), all[2..]);
        assert_eq!(told(vec![AllowedChange::Environment]), all[..1]);
    }
}
