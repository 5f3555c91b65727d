//! The account: its alias, its rules for passwords, and its numbers.

use serde_json::{Map, Value, json};

use super::errors::{exists, missing, no_such};
use super::pages::listing;
use super::service::Iam;
use crate::core::{Reply, Request};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreateAccountAlias", "AccountAlias", |iam, request| {
        let alias = request.input.str("AccountAlias")?;
        iam.directory.write(|state| {
            if state.alias.as_deref() == Some(alias) {
                return Err(exists(format!("The account alias {alias} already exists.")));
            }
            // An account has one alias: a new one takes the old one's place.
            state.alias = Some(alias.to_owned());
            Ok(Value::Null)
        })
    }),
    Operation::<Iam>::now("DeleteAccountAlias", "AccountAlias", |iam, request| {
        let alias = request.input.str("AccountAlias")?;
        iam.directory.write(|state| {
            let known = state.alias.take_if(|known| known == alias);
            known.map(|_| Value::Null).ok_or_else(|| no_such("account alias", alias))
        })
    }),
    Operation::<Iam>::now("ListAccountAliases", "Marker MaxItems", |iam, request| {
        let alias = iam.directory.read(|state| state.alias.clone());
        listing(request, "AccountAliases", alias.into_iter().map(|alias| (alias.clone(), json!(alias))).collect())
    }),
    Operation::<Iam>::now("UpdateAccountPasswordPolicy", "*", Iam::set_passwords),
    Operation::<Iam>::now("GetAccountPasswordPolicy", "*", |iam, _| {
        let policy = iam.directory.read(|state| state.passwords.clone());
        let account = &iam.hub.identity.account;
        let text = format!("The Password Policy with domain name {account} cannot be found.");
        policy.map(|policy| json!({ "PasswordPolicy": policy })).ok_or_else(|| missing(text))
    }),
    Operation::<Iam>::now("DeleteAccountPasswordPolicy", "*", |iam, _| {
        let gone = iam.directory.write(|state| state.passwords.take());
        let text = "The account policy with name PasswordPolicy cannot be found.";
        gone.map(|_| Value::Null).ok_or_else(|| missing(text))
    }),
    Operation::<Iam>::now("GetAccountSummary", "*", |iam, _| Ok(iam.summary())),
];

impl Iam {
    /// Keeps the rules for passwords. A rule that is not given is at IAM's default, as if it had never been set.
    fn set_passwords(&self, request: &Request) -> Reply {
        let input = &request.input;
        let mut policy = Map::new();
        policy.insert("MinimumPasswordLength".to_owned(), json!(input.opt_i64("MinimumPasswordLength").unwrap_or(6)));
        for name in [
            "RequireSymbols",
            "RequireNumbers",
            "RequireUppercaseCharacters",
            "RequireLowercaseCharacters",
            "AllowUsersToChangePassword",
            "HardExpiry",
        ] {
            policy.insert(name.to_owned(), json!(input.opt_bool(name).unwrap_or(false)));
        }
        let age = input.opt_i64("MaxPasswordAge").filter(|days| *days > 0);
        policy.insert("ExpirePasswords".to_owned(), json!(age.is_some()));
        for (name, number) in
            [("MaxPasswordAge", age), ("PasswordReusePrevention", input.opt_i64("PasswordReusePrevention"))]
        {
            if let Some(number) = number {
                policy.insert(name.to_owned(), json!(number));
            }
        }
        self.directory.write(|state| state.passwords = Some(policy));
        Ok(Value::Null)
    }

    /// The numbers of things there are, and their quotas: `GetAccountSummary`.
    fn summary(&self) -> Value {
        let counted = self.directory.read(|state| {
            let attached = state.identities().map(|(_, own)| own.attached.len()).sum::<usize>();
            [
                ("Users", state.users.len()),
                ("Groups", state.groups.len()),
                ("Roles", state.roles.len()),
                ("Policies", state.policies.len()),
                ("PolicyVersionsInUse", attached),
                ("InstanceProfiles", state.profiles.len()),
            ]
        });
        const QUOTAS: [(&str, usize); 21] = [
            ("RolePolicySizeQuota", 10_240),
            ("UsersQuota", 5000),
            ("GroupsQuota", 300),
            ("RolesQuota", 1000),
            ("PoliciesQuota", 1500),
            ("PolicyVersionsInUseQuota", 10000),
            ("InstanceProfilesQuota", 1000),
            ("ServerCertificates", 0),
            ("ServerCertificatesQuota", 20),
            ("UserPolicySizeQuota", 2048),
            ("GroupPolicySizeQuota", 5120),
            ("AssumeRolePolicySizeQuota", 2048),
            ("PolicySizeQuota", 6144),
            ("VersionsPerPolicyQuota", 5),
            ("GroupsPerUserQuota", 10),
            ("AccessKeysPerUserQuota", 2),
            ("SigningCertificatesPerUserQuota", 2),
            ("AttachedPoliciesPerUserQuota", 10),
            ("AttachedPoliciesPerGroupQuota", 10),
            ("AttachedPoliciesPerRoleQuota", 10),
            ("Providers", 0),
        ];
        let none =
            ["MFADevices", "MFADevicesInUse", "AccountMFAEnabled", "AccountAccessKeysPresent"].map(|name| (name, 0));
        let others = [
            ("AccountPasswordPresent", 1),
            ("AccountSigningCertificatesPresent", 0),
            ("GlobalEndpointTokenVersion", 1),
        ];
        let all = counted.into_iter().chain(QUOTAS).chain(none).chain(others);
        let map: Map<String, Value> = all.map(|(name, number)| (name.to_owned(), json!(number))).collect();
        json!({ "SummaryMap": map })
    }
}
