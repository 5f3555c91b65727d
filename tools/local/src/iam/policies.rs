//! Managed policies: the account's own, and AWS's to read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::{conflict, exists, invalid, quota};
use super::pages::listing;
use super::service::{Iam, new_policy, policy};
use super::state::{Document, ManagedPolicy, State, Version, date, tag_list};
use super::{inline, tag_set};
use crate::authorization::managed::{AwsPolicy, aws_policies, aws_policy};
use crate::authorization::validate;
use crate::core::{Arn, Reply, Request, ServiceError};
use crate::operations::Operation;

/// IAM's quota for a document, without its white space.
pub(super) const SIZE: usize = 6144;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreatePolicy", "PolicyName Path PolicyDocument Description Tags", Iam::create_policy)
        .on_found(new_policy),
    Operation::<Iam>::now("GetPolicy", "PolicyArn", |iam, request| {
        let arn = arn(request)?;
        iam.directory.read(|state| match aws_policy(arn) {
            Some(policy) => Ok(json!({ "Policy": describe_aws(state, policy) })),
            None => {
                let mut policy = state.policy(arn)?.summary(state);
                policy["Description"] = json!(state.policy(arn)?.description);
                policy["Tags"] = tag_list(&state.policy(arn)?.tags);
                Ok(json!({ "Policy": policy }))
            }
        })
    })
    .on_found(policy),
    Operation::<Iam>::now(
        "ListPolicies",
        "Scope OnlyAttached PathPrefix PolicyUsageFilter Marker MaxItems",
        Iam::list_policies,
    ),
    Operation::<Iam>::now("DeletePolicy", "PolicyArn", |iam, request| {
        let arn = arn(request)?;
        iam.directory.write(|state| delete(state, arn))
    })
    .on_found(policy),
];

/// The policy's ARN, which must be one.
pub(super) fn arn(request: &Request) -> Result<&str, ServiceError> {
    let arn = request.input.str("PolicyArn")?;
    let is_policy = Arn::parse(arn).is_some_and(|arn| arn.service == "iam" && arn.of_kind("policy").is_some());
    if is_policy { Ok(arn) } else { Err(invalid(format!("ARN {arn} is not valid."))) }
}

/// A document of the account's, checked and compiled.
pub(super) fn document(arn: &str, text: &str) -> Result<Document, ServiceError> {
    validate::managed(text)?;
    if inline::size(text) > SIZE {
        return Err(quota("PolicySize", SIZE));
    }
    Document::new(arn, text)
}

impl State {
    fn attachments(&self, arn: &str) -> usize {
        self.identities().filter(|(_, own)| own.attached.contains(arn)).count()
    }

    fn boundaries(&self, arn: &str) -> usize {
        self.identities().filter(|(_, own)| own.boundary.as_deref() == Some(arn)).count()
    }
}

impl ManagedPolicy {
    /// The policy as lists have it: without description and tags.
    pub(super) fn summary(&self, state: &State) -> Value {
        json!({
            "PolicyName": self.name, "PolicyId": self.id, "Arn": self.arn, "Path": self.path,
            "DefaultVersionId": format!("v{}", self.default), "AttachmentCount": state.attachments(&self.arn),
            "PermissionsBoundaryUsageCount": state.boundaries(&self.arn), "IsAttachable": true,
            "CreateDate": date(self.created), "UpdateDate": date(self.updated),
        })
    }
}

/// A policy of AWS's as IAM answers it.
pub(super) fn describe_aws(state: &State, policy: &AwsPolicy) -> Value {
    json!({
        "PolicyName": policy.name, "PolicyId": policy.id, "Arn": policy.arn, "Path": policy.path,
        "DefaultVersionId": policy.version, "AttachmentCount": state.attachments(&policy.arn),
        "PermissionsBoundaryUsageCount": state.boundaries(&policy.arn), "IsAttachable": true,
        "CreateDate": policy.created, "UpdateDate": policy.updated,
    })
}

impl Iam {
    fn create_policy(&self, request: &Request) -> Reply {
        let input = &request.input;
        let (name, path) = (input.str("PolicyName")?, input.opt_str("Path").unwrap_or("/"));
        let tags = tag_set::read(input)?;
        let arn = self.arn("policy", path, name);
        let document = document(&arn, input.str("PolicyDocument")?)?;
        let now = self.hub.now();
        let policy = ManagedPolicy {
            name: name.to_owned(),
            id: format!("ANPA{}", self.hub.ids.capitals(17)),
            arn: arn.clone(),
            path: path.to_owned(),
            description: input.opt_str("Description").map(str::to_owned),
            created: now,
            updated: now,
            default: 1,
            last: 1,
            versions: BTreeMap::from([(1, Version { document: document.clone(), created: now })]),
            current: document,
            tags,
        };
        self.directory.write(|state| {
            let taken = state.policies.values().any(|known| known.name.eq_ignore_ascii_case(name));
            if taken {
                return Err(exists(format!("A policy called {name} already exists. Duplicate names are not allowed.")));
            }
            let mut made = policy.summary(state);
            if !policy.tags.is_empty() {
                made["Tags"] = tag_list(&policy.tags);
            }
            state.policies.insert(arn, policy);
            Ok(json!({ "Policy": made }))
        })
    }

    fn list_policies(&self, request: &Request) -> Reply {
        let input = &request.input;
        let prefix = input.opt_str("PathPrefix").unwrap_or("/");
        let scope = input.opt_str("Scope").unwrap_or("All");
        let usage = input.opt_str("PolicyUsageFilter");
        let attached_only = input.opt_bool("OnlyAttached").unwrap_or(false);
        let all = self.directory.read(|state| {
            let own = state.policies.values().filter(|_| scope != "AWS");
            let own = own.map(|policy| (policy.arn.clone(), policy.path.as_str(), policy.summary(state)));
            let aws = aws_policies().filter(|_| scope != "Local");
            let aws = aws.map(|policy| (policy.arn.clone(), policy.path.as_str(), describe_aws(state, policy)));
            let wanted = |arn: &str| {
                (!attached_only || state.attachments(arn) > 0)
                    && match usage {
                        Some("PermissionsBoundary") => state.boundaries(arn) > 0,
                        Some(_) => state.attachments(arn) > 0,
                        None => true,
                    }
            };
            let mut all: Vec<(String, Value)> = own
                .chain(aws)
                .filter(|(arn, path, _)| path.starts_with(prefix) && wanted(arn))
                .map(|(arn, _, policy)| (arn, policy))
                .collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all
        });
        listing(request, "Policies", all)
    }
}

fn delete(state: &mut State, arn: &str) -> Reply {
    let policy = state.policy(arn)?;
    if state.attachments(arn) + state.boundaries(arn) > 0 {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        ));
    }
    state.policies.remove(arn);
    Ok(Value::Null)
}
