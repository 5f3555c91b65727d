//! The versions of managed policies: five at most, one of them in force.

use serde_json::{Value, json};

use super::errors::{conflict, limit, missing};
use super::pages::listing;
use super::policies::{arn, document};
use super::service::{Iam, encoded, policy};
use super::state::{ManagedPolicy, State, Version, date};
use crate::authorization::managed::aws_policy;
use crate::core::{Reply, Request, ServiceError};
use crate::operations::Operation;

/// IAM's quota of versions for a policy.
const MOST: usize = 5;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreatePolicyVersion", "PolicyArn PolicyDocument SetAsDefault", Iam::create_version)
        .on_found(policy),
    Operation::<Iam>::now("GetPolicyVersion", "PolicyArn VersionId", Iam::get_version).on_found(policy),
    Operation::<Iam>::now("ListPolicyVersions", "PolicyArn Marker MaxItems", |iam, request| {
        let arn = arn(request)?;
        let all = iam.directory.read(|state| versions(state, arn))?;
        listing(request, "Versions", all)
    })
    .on_found(policy),
    Operation::<Iam>::now("SetDefaultPolicyVersion", "PolicyArn VersionId", |iam, request| {
        iam.with_version(request, |policy, version| {
            policy.make_default(version);
            Ok(())
        })
    })
    .on_found(policy),
    Operation::<Iam>::now("DeletePolicyVersion", "PolicyArn VersionId", |iam, request| {
        iam.with_version(request, |policy, version| {
            if version == policy.default {
                return Err(conflict("Cannot delete the default version of a policy."));
            }
            policy.versions.remove(&version);
            Ok(())
        })
    })
    .on_found(policy),
];

fn absent(arn: &str, version: &str) -> ServiceError {
    missing(format!("Policy {arn} version {version} does not exist or is not attachable."))
}

/// The number of a version's id: 3 of `v3`.
fn number(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.parse().ok()
}

impl ManagedPolicy {
    fn make_default(&mut self, number: u32) {
        if let Some(version) = self.versions.get(&number) {
            self.current = version.document.clone();
            self.default = number;
        }
    }

    fn describe_version(&self, number: u32, version: &Version) -> Value {
        json!({
            "VersionId": format!("v{number}"), "IsDefaultVersion": number == self.default,
            "CreateDate": date(version.created),
        })
    }

    /// The versions, the newest first, with their documents.
    pub(super) fn version_details(&self) -> Vec<Value> {
        let newest_first = self.versions.iter().rev();
        newest_first
            .map(|(number, version)| {
                let mut detail = self.describe_version(*number, version);
                detail["Document"] = json!(encoded(&version.document.text));
                detail
            })
            .collect()
    }
}

/// The versions of a policy, the newest first. Keys are in the order of the list.
fn versions(state: &State, arn: &str) -> Result<Vec<(String, Value)>, ServiceError> {
    if let Some(policy) = aws_policy(arn) {
        let only = json!({ "VersionId": policy.version, "IsDefaultVersion": true, "CreateDate": policy.updated });
        return Ok(vec![(policy.version.clone(), only)]);
    }
    let policy = state.policy(arn)?;
    let newest_first = policy.versions.iter().rev();
    let key = |number: u32| format!("{:010}", u32::MAX - number);
    Ok(newest_first.map(|(number, version)| (key(*number), policy.describe_version(*number, version))).collect())
}

impl Iam {
    fn create_version(&self, request: &Request) -> Reply {
        let arn = arn(request)?;
        let document = document(arn, request.input.str("PolicyDocument")?);
        let now = self.hub.now();
        self.directory.write(|state| {
            let policy = state.policy_mut(arn)?;
            let document = document?;
            if policy.versions.len() == MOST {
                return Err(limit(
                    "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
                     existing version.",
                ));
            }
            policy.last += 1;
            let number = policy.last;
            policy.versions.insert(number, Version { document, created: now });
            policy.updated = now;
            if request.input.opt_bool("SetAsDefault").unwrap_or(false) {
                policy.make_default(number);
            }
            let made = policy.versions.get(&number).map(|version| policy.describe_version(number, version));
            Ok(json!({ "PolicyVersion": made }))
        })
    }

    fn get_version(&self, request: &Request) -> Reply {
        let (arn, wanted) = (arn(request)?, request.input.str("VersionId")?);
        if let Some(policy) = aws_policy(arn) {
            if policy.version != wanted {
                // Assumed: of AWS's policies only the default version is known here.
                return Err(absent(arn, wanted));
            }
            return Ok(json!({ "PolicyVersion": {
                "Document": encoded(&policy.document), "VersionId": wanted, "IsDefaultVersion": true,
                "CreateDate": policy.updated,
            } }));
        }
        self.directory.read(|state| {
            let policy = state.policy(arn)?;
            let known = number(wanted).and_then(|number| policy.versions.get_key_value(&number));
            let (number, version) = known.ok_or_else(|| absent(arn, wanted))?;
            let mut found = policy.describe_version(*number, version);
            found["Document"] = json!(encoded(&version.document.text));
            Ok(json!({ "PolicyVersion": found }))
        })
    }

    fn with_version(
        &self,
        request: &Request,
        act: impl FnOnce(&mut ManagedPolicy, u32) -> Result<(), ServiceError>,
    ) -> Reply {
        let (arn, wanted) = (arn(request)?, request.input.str("VersionId")?);
        let now = self.hub.now();
        self.directory.write(|state| {
            let policy = state.policy_mut(arn)?;
            let known = number(wanted).filter(|number| policy.versions.contains_key(number));
            act(policy, known.ok_or_else(|| absent(arn, wanted))?)?;
            policy.updated = now;
            Ok(Value::Null)
        })
    }
}
