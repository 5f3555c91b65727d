//! `GetAccountAuthorizationDetails`: everything at once.

use serde_json::{Map, Value, json};

use super::attachments::attached;
use super::pages::listing_with;
use super::policies::describe_aws;
use super::service::{Iam, encoded};
use super::state::{Identity, Kind, State, date, tag_list};
use crate::authorization::managed::aws_policies;
use crate::core::{Reply, Request};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Iam>] =
    &[Operation::<Iam>::now("GetAccountAuthorizationDetails", "Filter MaxItems Marker", Iam::details)];

/// The lists of the answer. Items carry the name of theirs while they are paged.
const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

impl Iam {
    fn details(&self, request: &Request) -> Reply {
        let filters = request.input.strings("Filter");
        let wanted = |name: &str| filters.is_empty() || filters.iter().any(|filter| filter == name);
        let all = self.directory.read(|state| {
            let mut all: Vec<(String, Value)> = Vec::new();
            for (kind, own) in state.identities() {
                let (list, filter) = match kind {
                    Kind::Role => ("RoleDetailList", "Role"),
                    Kind::User => ("UserDetailList", "User"),
                    Kind::Group => ("GroupDetailList", "Group"),
                };
                if wanted(filter) {
                    all.push((own.arn.clone(), json!([list, detail(state, kind, own)])));
                }
            }
            for policy in state.policies.values().filter(|_| wanted("LocalManagedPolicy")) {
                let mut described = policy.summary(state);
                described["PolicyVersionList"] = json!(policy.version_details());
                all.push((policy.arn.clone(), json!(["Policies", described])));
            }
            for policy in aws_policies().filter(|_| wanted("AWSManagedPolicy")) {
                let mut described = describe_aws(state, policy);
                // AWS's policies are told when they are attached to something.
                if described["AttachmentCount"] == 0 && described["PermissionsBoundaryUsageCount"] == 0 {
                    continue;
                }
                described["PolicyVersionList"] = json!([{
                    "VersionId": policy.version, "IsDefaultVersion": true, "CreateDate": policy.updated,
                    "Document": encoded(&policy.document),
                }]);
                all.push((policy.arn.clone(), json!(["Policies", described])));
            }
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all
        });
        listing_with(request, all, |items| {
            let mut answer = Map::new();
            for list in LISTS {
                let of_list = items.iter().filter(|item| item[0] == list).map(|item| item[1].clone()).collect();
                answer.insert(list.to_owned(), Value::Array(of_list));
            }
            answer
        })
    }
}

/// One role, user or group with all its policies.
fn detail(state: &State, kind: Kind, own: &Identity) -> Value {
    let word = kind.member().trim_end_matches("Name");
    let inline: Vec<Value> = own
        .inline
        .iter()
        .map(|(name, document)| json!({ "PolicyName": name, "PolicyDocument": encoded(&document.text) }))
        .collect();
    let attached: Vec<Value> = attached(state, own, "/").into_iter().map(|(_, policy)| policy).collect();
    let mut made = json!({
        kind.member(): own.name, format!("{word}Id"): own.id, "Arn": own.arn, "Path": own.path,
        "CreateDate": date(own.created), format!("{word}PolicyList"): inline, "AttachedManagedPolicies": attached,
    });
    if kind != Kind::Group {
        made["PermissionsBoundary"] = own.boundary();
        made["Tags"] = tag_list(&own.tags);
    }
    if let Some(role) = state.roles.get(&own.name).filter(|_| kind == Kind::Role) {
        let profiles = state.profiles.values().filter(|profile| profile.role.as_deref() == Some(&own.name));
        made["AssumeRolePolicyDocument"] = json!(encoded(&role.trust.text));
        made["InstanceProfileList"] = profiles.map(|profile| profile.describe(state)).collect();
        made["RoleLastUsed"] = role.last_used();
    }
    if let Some(user) = state.users.get(&own.name).filter(|_| kind == Kind::User) {
        made["GroupList"] = json!(user.groups);
    }
    made
}
