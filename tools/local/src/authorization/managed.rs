//! The managed policies of AWS that people attach, as data: `models/authorization/managed-policies.json`.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::policy::Policy;

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/authorization/managed-policies.json"));

static POLICIES: LazyLock<BTreeMap<String, AwsPolicy>> = LazyLock::new(|| {
    let facts: BTreeMap<String, Facts> = serde_json::from_str(TEXT).unwrap_or_default();
    let made = facts.into_iter().map(|(name, facts)| AwsPolicy::new(name, facts));
    made.map(|policy| (policy.arn.clone(), policy)).collect()
});

#[derive(Deserialize)]
struct Facts {
    path: String,
    version: String,
    created: String,
    updated: String,
    document: Value,
}

/// A managed policy of AWS, in its default version: the earlier ones are not known.
#[derive(Debug)]
pub(crate) struct AwsPolicy {
    /// `arn:aws:iam::aws:policy/PATH/NAME`.
    pub(crate) arn: String,
    /// The last part of the ARN, such as `AWSLambdaBasicExecutionRole`.
    pub(crate) name: String,
    /// `ANPA` and seventeen more. AWS's own are not known: these are made from the name.
    pub(crate) id: String,
    /// `/`, `/service-role/` or `/job-function/`.
    pub(crate) path: String,
    /// The id of the default version, such as `v3`.
    pub(crate) version: String,
    /// The time at which AWS made it.
    pub(crate) created: String,
    /// The time at which AWS made the default version.
    pub(crate) updated: String,
    /// The document of the default version, as JSON text.
    pub(crate) document: String,
    compiled: OnceLock<Option<Arc<Policy>>>,
}

impl AwsPolicy {
    fn new(name: String, facts: Facts) -> Self {
        let arn = format!("arn:aws:iam::aws:policy{}{name}", facts.path);
        let digest = hex::encode_upper(Sha256::digest(&arn));
        Self {
            id: format!("ANPA{}", &digest[..17]),
            path: facts.path,
            version: facts.version,
            created: facts.created,
            updated: facts.updated,
            document: facts.document.to_string(),
            compiled: OnceLock::new(),
            arn,
            name,
        }
    }

    /// The compiled document. Every one of them can be compiled; a test sees to it.
    pub(crate) fn compiled(&self) -> Option<Arc<Policy>> {
        self.compiled.get_or_init(|| Policy::parse(&self.arn, &self.document).ok().map(Arc::new)).clone()
    }
}

/// A managed policy of AWS by its ARN.
pub(crate) fn aws_policy(arn: &str) -> Option<&'static AwsPolicy> {
    POLICIES.get(arn)
}

/// All of them, by ARN.
pub(crate) fn aws_policies() -> impl Iterator<Item = &'static AwsPolicy> {
    POLICIES.values()
}

#[cfg(test)]
mod tests {
    use super::super::validate;
    use super::*;

    #[test]
    fn every_policy_of_aws_is_valid_and_can_be_compiled() {
        assert!(aws_policies().count() > 100);
        for policy in aws_policies() {
            assert_eq!(validate::managed(&policy.document), Ok(()), "{}", policy.name);
            assert!(policy.compiled().is_some(), "{}", policy.name);
        }
    }

    #[test]
    fn policies_are_found_with_their_paths() {
        assert!(aws_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").is_some());
        assert!(aws_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
        assert!(aws_policy("arn:aws:iam::aws:policy/AdministratorAccess").is_some());
    }
}
