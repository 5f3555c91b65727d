//! Several functions that are released as one: no traffic shifts before every suite has passed, and one failure fails all.
//!
//! CloudFormation updates the aliases of a release side by side, each with a deployment of its own that knows nothing of the others.
//! A *gathering* is what they have in common: `deploy-trigger` writes it before it executes the change set, each pre-traffic hook writes
//! into it how its suite ended, and whoever finds that the last has come, or that one has failed, answers CodeDeploy for all.
//!
//! Everything here is pure. Of several writers at once one wins ([`super::Basis`]), the others read again; so the gathering is decided
//! once, and what follows from it may be repeated.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hook::{HookStatus, ReportAddress};
use crate::identity::HookExecutionId;

/// The time for which those that have come wait for the others. A hook's event lives for 5 minutes, and its last attempt for 1 more
/// (`EventInvokeConfig` and `Timeout` of `template.yaml`): who has not come by then does not. CodeDeploy itself would wait an hour.
pub const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// The time for which a gathering is kept, longer than any stack's update with deployments of Lambda takes.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The functions that one release of a stack shifts as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gathering {
    /// The stack. It has one operation at a time, and so one gathering.
    pub stack: String,
    /// The release, by the pipeline execution that it comes from.
    pub release: String,
    /// The time before which no deployment is one of this release.
    pub at: Timestamp,
    /// The seconds for which those that have come wait for the others.
    pub patience_seconds: u64,
    /// The aliases that are shifted together.
    pub members: Vec<Member>,
    /// The aliases of the release that are shifted by themselves, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<String>,
    /// The reason why all of them fail; none as long as nothing has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// True once the release is over, however it ended. Deployments that come later are others'.
    #[serde(default)]
    pub over: bool,
}

/// An alias of a gathering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The function's name.
    pub function: String,
    /// The alias whose traffic is shifted.
    pub alias: String,
    /// Its deployment; none until its suite has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
}

/// A deployment whose suite has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Arrival {
    /// CodeDeploy's deployment.
    pub deployment_id: String,
    /// CodeDeploy's application.
    pub application: String,
    /// CodeDeploy's deployment group.
    pub deployment_group: String,
    /// The address of the answer, beside the deployment; taken off once CodeDeploy has been answered.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "execution")]
    pub execution_id: Option<HookExecutionId>,
    /// The version that the alias points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<String>,
    /// The version that was judged.
    pub target_version: String,
    /// The time at which the deployment was created, by CodeDeploy's clock.
    pub began: Timestamp,
    /// True if its own suite passed.
    pub passed: bool,
}

/// A deployment that asks for its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newcomer<'a> {
    /// CodeDeploy's deployment.
    pub deployment_id: &'a str,
    /// The function's name.
    pub function: &'a str,
    /// The alias whose traffic is shifted.
    pub alias: &'a str,
    /// The time at which the deployment was created, where it is told.
    pub began: Option<Timestamp>,
    /// The deployment's creator, where it is told.
    pub creator: Option<&'a str>,
}

/// The place of a deployment in a gathering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It is none of this gathering's.
    Apart,
    /// Its suite is to be judged.
    Expected,
    /// Its suite has passed, and others are waited for.
    Waiting,
    /// Its suite has ended, and the gathering is decided.
    Decided,
    /// The gathering failed without it, for this reason.
    Late(String),
}

/// The decision of a gathering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Some have not come, and nothing has failed.
    Open,
    /// All have come, and all have passed.
    Passed,
    /// All fail, for this reason.
    Failed(&'a str),
}

/// An answer that CodeDeploy has not had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed<'a> {
    /// The alias that it is about.
    pub member: &'a Member,
    /// Its deployment.
    pub arrival: &'a Arrival,
    /// The address of the answer.
    pub address: ReportAddress,
    /// The answer.
    pub status: HookStatus,
}

impl Gathering {
    /// The gathering of a release whose change set is about to be executed.
    #[must_use]
    pub fn of(stack: &str, release: &str, at: Timestamp, aliases: Vec<(String, String)>, apart: Vec<String>) -> Self {
        let member = |(function, alias)| Member { function, alias, arrival: None };
        Self {
            stack: stack.to_owned(),
            release: release.to_owned(),
            at,
            patience_seconds: PATIENCE.as_secs(),
            members: aliases.into_iter().map(member).collect(),
            apart,
            failure: None,
            over: false,
        }
    }

    /// The time from which it need not be kept any more.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.at.checked_add(KEPT).unwrap_or(Timestamp::MAX)
    }

    /// True if the other is about the same aliases of the same release: writing it anew would lose who has come.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let named = |gathering: &Self| -> Vec<(String, String)> {
            gathering.members.iter().map(|member| (member.function.clone(), member.alias.clone())).collect()
        };
        !self.over && self.release == other.release && named(self) == named(other)
    }

    /// The decision so far.
    #[must_use]
    pub fn decision(&self) -> Decision<'_> {
        match &self.failure {
            Some(because) => Decision::Failed(because),
            None if self.missing().next().is_none() => Decision::Passed,
            None => Decision::Open,
        }
    }

    /// The place of a deployment. A manual one, one that is older than the release, and one that comes after the decision while
    /// another has stood for its alias are none of its own.
    #[must_use]
    pub fn place(&self, newcomer: &Newcomer<'_>) -> Place {
        let Some(member) = self.member(newcomer.function, newcomer.alias).filter(|_| !self.over) else {
            return Place::Apart;
        };
        let others = newcomer.creator.is_some_and(|creator| creator != "CloudFormation");
        if others || newcomer.began.is_some_and(|began| began < self.at) {
            return Place::Apart;
        }
        match (&member.arrival, self.decision()) {
            (Some(arrival), decision) if arrival.deployment_id == newcomer.deployment_id => match decision {
                Decision::Open => Place::Waiting,
                Decision::Passed | Decision::Failed(_) => Place::Decided,
            },
            // A group has one deployment at a time: the one that came before is over.
            (Some(arrival), Decision::Open) if newcomer.began.is_none_or(|began| began >= arrival.began) => {
                Place::Expected
            }
            (None, Decision::Failed(because)) => Place::Late(because.to_owned()),
            (None, _) => Place::Expected,
            (Some(_), _) => Place::Apart,
        }
    }

    /// Notes that a deployment's suite has ended. `because` is said of all if it has not passed.
    pub fn come(&mut self, function: &str, alias: &str, arrival: Arrival, because: &str) {
        if self.decision() != Decision::Open {
            return;
        }
        if !arrival.passed {
            self.failure = Some(because.to_owned());
        }
        let member = self.members.iter_mut().find(|member| member.function == function && member.alias == alias);
        if let Some(member) = member {
            member.arrival = Some(arrival);
        }
    }

    /// Fails if somebody has waited for longer than is allowed; true if it does.
    pub fn give_up(&mut self, now: Timestamp) -> bool {
        let first = self.members.iter().filter_map(|member| Some(member.arrival.as_ref()?.began)).min();
        let overdue = first.is_some_and(|first| now >= first + Duration::from_secs(self.patience_seconds));
        if self.over || !overdue || self.decision() != Decision::Open {
            return false;
        }
        let missing: Vec<&str> = self.missing().map(|member| member.function.as_str()).collect();
        let (whom, minutes) = (missing.join(" and "), self.patience_seconds.div_ceil(60));
        self.failure = Some(format!(
            "the suite of {whom} has not ended within the {minutes} minutes that the functions of a release wait for each other"
        ));
        true
    }

    /// The answers that CodeDeploy has not had; none as long as nothing is decided.
    #[must_use]
    pub fn owed(&self) -> Vec<Owed<'_>> {
        let status = match self.decision() {
            Decision::Open => return Vec::new(),
            Decision::Passed => HookStatus::Succeeded,
            Decision::Failed(_) => HookStatus::Failed,
        };
        let arrived = self.members.iter().filter_map(|member| Some((member, member.arrival.as_ref()?)));
        let owed = arrived.filter_map(|(member, arrival)| {
            let execution_id = arrival.execution_id.clone()?;
            let address = ReportAddress { deployment_id: arrival.deployment_id.clone(), execution_id };
            Some(Owed { member, arrival, address, status })
        });
        owed.collect()
    }

    /// Takes off the addresses of those that have been answered.
    pub fn answered(&mut self, deployments: &[String]) {
        let arrivals = self.members.iter_mut().filter_map(|member| member.arrival.as_mut());
        arrivals
            .filter(|arrival| deployments.contains(&arrival.deployment_id))
            .for_each(|arrival| arrival.execution_id = None);
    }

    /// The names of the other functions.
    #[must_use]
    pub fn others(&self, function: &str) -> Vec<&str> {
        self.members.iter().map(|member| member.function.as_str()).filter(|name| *name != function).collect()
    }

    fn member(&self, function: &str, alias: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.function == function && member.alias == alias)
    }

    fn missing(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.arrival.is_none())
    }
}

/// The id of a hook's execution as a text, which only the ledger may see.
mod execution {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::identity::HookExecutionId;

    #[expect(clippy::ref_option, reason = "serde's form")]
    pub(super) fn serialize<S: Serializer>(id: &Option<HookExecutionId>, serializer: S) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => serializer.serialize_some(id.as_str()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<HookExecutionId>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).unwrap()
    }

    fn gathering() -> Gathering {
        let aliases = ["a", "b"].map(|function| (function.to_owned(), "live".to_owned()));
        Gathering::of("shop", "e-1", at(0), aliases.into(), Vec::new())
    }

    fn arrival(id: &str, passed: bool) -> Arrival {
        Arrival {
            deployment_id: id.to_owned(),
            application: "app".to_owned(),
            deployment_group: "group".to_owned(),
            execution_id: format!("token-of-{id}").parse().ok(),
            current_version: Some("1".to_owned()),
            target_version: "2".to_owned(),
            began: at(1),
            passed,
        }
    }

    fn newcomer<'a>(id: &'a str, function: &'a str) -> Newcomer<'a> {
        Newcomer { deployment_id: id, function, alias: "live", began: Some(at(1)), creator: Some("CloudFormation") }
    }

    fn answers(gathering: &Gathering) -> Vec<(&str, HookStatus)> {
        gathering.owed().iter().map(|owed| (owed.arrival.deployment_id.as_str(), owed.status)).collect()
    }

    #[test]
    fn the_last_to_pass_lets_all_go_on() {
        let mut gathering = gathering();
        gathering.come("a", "live", arrival("d-A", true), "");
        assert_eq!((gathering.decision(), answers(&gathering).len()), (Decision::Open, 0));
        assert_eq!(gathering.place(&newcomer("d-A", "a")), Place::Waiting);
        gathering.come("b", "live", arrival("d-B", true), "");
        assert_eq!(answers(&gathering), [("d-A", HookStatus::Succeeded), ("d-B", HookStatus::Succeeded)]);
        gathering.answered(&["d-A".to_owned()]);
        assert_eq!(answers(&gathering), [("d-B", HookStatus::Succeeded)]);
        assert_eq!(gathering.place(&newcomer("d-A", "a")), Place::Decided);
    }

    #[test]
    fn one_failure_fails_those_that_wait_and_those_that_come_later() {
        let mut gathering = gathering();
        gathering.come("a", "live", arrival("d-A", false), "the suite of a failed");
        assert_eq!(answers(&gathering), [("d-A", HookStatus::Failed)]);
        assert_eq!(gathering.place(&newcomer("d-B", "b")), Place::Late("the suite of a failed".into()));
        gathering.come("b", "live", arrival("d-B", true), "");
        assert_eq!(gathering.decision(), Decision::Failed("the suite of a failed"));
    }

    #[test]
    fn a_decision_stands() {
        let mut gathering = gathering();
        gathering.come("a", "live", arrival("d-A", true), "");
        gathering.come("b", "live", arrival("d-B", true), "");
        gathering.come("b", "live", arrival("d-B", false), "the suite of b failed");
        assert!(!gathering.give_up(at(9_999)));
        assert_eq!(gathering.decision(), Decision::Passed);
    }

    #[test]
    fn a_suite_that_failed_at_the_second_call_has_failed() {
        let mut gathering = gathering();
        gathering.come("a", "live", arrival("d-A", true), "");
        gathering.come("a", "live", arrival("d-A", false), "the suite of a failed");
        assert_eq!(answers(&gathering), [("d-A", HookStatus::Failed)]);
    }

    #[test]
    fn whoever_is_waited_for_too_long_is_named() {
        let mut gathering = gathering();
        assert!(!gathering.give_up(at(9_999)), "nobody waits");
        gathering.come("a", "live", arrival("d-A", true), "");
        assert!(!gathering.give_up(at(600)));
        assert!(gathering.give_up(at(601)));
        let Decision::Failed(because) = gathering.decision() else { panic!("it goes on") };
        assert!(because.starts_with("the suite of b has not ended within the 10 minutes"), "{because}");
        assert!(!gathering.give_up(at(602)), "it is given up once");
    }

    #[test]
    fn other_deployments_are_apart() {
        let mut gathering = gathering();
        assert_eq!(gathering.place(&newcomer("d-C", "c")), Place::Apart);
        assert_eq!(gathering.place(&Newcomer { alias: "beta", ..newcomer("d-A", "a") }), Place::Apart);
        assert_eq!(gathering.place(&Newcomer { creator: Some("user"), ..newcomer("d-A", "a") }), Place::Apart);
        assert_eq!(gathering.place(&Newcomer { began: Some(at(-1)), ..newcomer("d-A", "a") }), Place::Apart);
        gathering.come("a", "live", arrival("d-A", false), "the suite of a failed");
        assert_eq!(gathering.place(&newcomer("d-NEXT", "a")), Place::Apart);
        gathering.over = true;
        assert_eq!(gathering.place(&newcomer("d-B", "b")), Place::Apart);
    }

    #[test]
    fn a_newer_deployment_of_an_alias_takes_the_place_of_the_older_one() {
        let mut gathering = gathering();
        gathering.come("a", "live", arrival("d-OLD", true), "");
        let newer = Newcomer { began: Some(at(5)), ..newcomer("d-NEW", "a") };
        assert_eq!(gathering.place(&newer), Place::Expected);
        gathering.come("a", "live", Arrival { began: at(5), ..arrival("d-NEW", true) }, "");
        assert_eq!(gathering.place(&newcomer("d-OLD", "a")), Place::Apart);
    }

    #[test]
    fn the_same_release_with_other_members_is_another_gathering() {
        let first = gathering();
        let mut other = gathering();
        assert!(first.is_same(&other));
        other.members.pop();
        assert!(!first.is_same(&other));
        assert!(!first.is_same(&Gathering { release: "e-2".into(), ..gathering() }));
    }
}
