//! Looking for alarms that burn already: CodeDeploy would stop the deployment for them, whatever the target version does. One that a
//! person has overridden stops nothing for that time, as the group does not watch it then.

use jiff::Timestamp;
use tracing::info;

use super::super::ports::{Alarm, HookPorts, ReadAlarms as _, ReadGroupAlarms as _};
use super::super::verdict::{Finding, Reason, Reasons};
use super::Run;
use crate::call::CallError;
use crate::overrides::{ReadOverrides as _, in_force};
use crate::suite::{Alarms, Check};
use crate::telemetry::Chain;

pub(super) async fn run<P: HookPorts>(run: &Run<P>, check: &Check, alarms: &Alarms) -> Finding {
    let name = &check.name;
    let subject = &run.case.subject;
    let names = if alarms.names.is_empty() {
        run.case.ports.deployments().read_group_alarms(&subject.application, &subject.group).await
    } else {
        Ok(alarms.names.clone())
    };
    let names = match names {
        Ok(names) if names.is_empty() => {
            let reason = format!("check {name:?}: the deployment group watches no alarm, and the check names none");
            return Finding::Errored(Reason::new(reason));
        }
        Ok(names) => names,
        Err(error) => {
            let what = format!("check {name:?}: the deployment group's alarms cannot be read");
            return Finding::Errored(Reason::with_detail(what, Chain(&error).to_string()));
        }
    };
    let found = match run.case.ports.alarms().read_alarms(&names).await {
        Ok(found) => found,
        Err(error) => {
            let what = format!("check {name:?}: the alarms cannot be read");
            return Finding::Errored(Reason::with_detail(what, Chain(&error).to_string()));
        }
    };
    match without_overridden(&*run.case.ports, found).await {
        Ok(found) => judged(name, &names, &found, subject.began),
        Err(error) => {
            let what = format!("check {name:?}: alarms burn, and whether they are overridden cannot be read");
            Finding::Errored(Reason::with_detail(what, Chain(&error).to_string()))
        }
    }
}

/// The alarms, of which those that are overridden do not burn. The overrides are read only if one does.
async fn without_overridden<P: HookPorts>(ports: &P, mut alarms: Vec<Alarm>) -> Result<Vec<Alarm>, CallError> {
    let Some(ledger) = ports.ledger().filter(|_| alarms.iter().any(|alarm| alarm.burns)) else { return Ok(alarms) };
    for overridden in in_force(ledger.list_overrides().await?, Timestamp::now()) {
        for alarm in alarms.iter_mut().filter(|alarm| alarm.burns && alarm.name == overridden.alarm) {
            info!(alarm.name, "{overridden}");
            alarm.burns = false;
        }
    }
    Ok(alarms)
}

fn judged(check: &str, names: &[String], found: &[Alarm], began: Option<Timestamp>) -> Finding {
    if let Some(missing) = names.iter().find(|name| !found.iter().any(|alarm| alarm.name == **name)) {
        return Finding::Errored(Reason::new(format!("check {check:?}: there is no alarm {missing}")));
    }
    let reason = |alarm: &Alarm| {
        let before = match (alarm.since, began) {
            (Some(since), Some(began)) if since > began => "burns since the deployment began",
            _ => "burned already before the deployment began",
        };
        let since = alarm.since.map_or_else(String::new, |since| format!("since {since}"));
        Reason::with_detail(format!("check {check:?}: alarm {} {before}", alarm.name), since)
    };
    let burning = found.iter().filter(|alarm| alarm.burns).map(reason);
    Reasons::from_list(burning.collect()).map_or(Finding::Passed, Finding::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn told(alarm: Alarm) -> String {
        let names = ["errors".to_owned()];
        match judged("calm", &names, &[alarm], Some(at(100))) {
            Finding::Failed(reasons) => reasons.iter().map(ToString::to_string).collect(),
            Finding::Errored(reason) => reason.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn an_alarm_that_burned_before_is_said_to_have() {
        let alarm = |burns, since| Alarm { name: "errors".into(), burns, since: Some(at(since)) };
        assert_eq!(
            told(alarm(true, 40)),
            r#"check "calm": alarm errors burned already before the deployment began: since 1970-01-01T00:00:40Z"#
        );
        assert!(told(alarm(true, 160)).contains("burns since the deployment began"));
        assert_eq!(told(alarm(false, 40)), "Passed");
        let other = Alarm { name: "other".into(), burns: false, since: None };
        assert_eq!(told(other), r#"check "calm": there is no alarm errors"#);
    }
}
