//! The judge of every call on the plane: the evaluator over the directory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::directory::{Directory, Effective};
use super::keys;
use super::session_credentials::Credentials;
use super::usage::{RoleAccess, Usage};
use crate::authorization::{self, Caller as Who, Decision, Policies, Policy, decide, message, reference};
use crate::core::{Arn, Authority as Door, Hub, Issued, Principal, Question, ServiceError};

/// The account in the ARNs of AWS's own policies, which every account may read.
const OWNED_BY_AWS: &str = "aws";
/// The actions that the root may do to a bucket whatever the bucket's policy says.
const MENDING: [&str; 3] = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];
/// The most session and resource policies that are kept compiled.
const KEPT: usize = 4096;

/// Decides by what IAM keeps.
pub(crate) struct Authority {
    hub: Arc<Hub>,
    directory: Arc<Directory>,
    credentials: Arc<Credentials>,
    enforced: bool,
    compiled: Mutex<HashMap<String, Arc<Policy>>>,
    usage: Usage,
}

impl Authority {
    /// An authority that denies, or one that (`enforced` is false) only takes down what it would have denied.
    pub(crate) fn new(
        hub: &Arc<Hub>,
        directory: &Arc<Directory>,
        credentials: &Arc<Credentials>,
        enforced: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            hub: Arc::clone(hub),
            directory: Arc::clone(directory),
            credentials: Arc::clone(credentials),
            enforced,
            compiled: Mutex::default(),
            usage: Usage::default(),
        })
    }

    /// The calls of each role, beside the policies that it has now.
    pub(crate) fn access(&self) -> Vec<RoleAccess> {
        let mut roles = self.usage.roles();
        roles.extend(
            self.directory.read(|state| state.roles.values().map(|role| role.own.arn.clone()).collect::<Vec<_>>()),
        );
        roles.sort();
        roles.dedup();
        roles.iter().map(|role| self.usage.of(role, &self.directory.effective_of(role).identity)).collect()
    }

    /// A document compiled once. One that cannot be compiled allows nothing.
    fn compile(&self, name: &str, text: &str) -> Arc<Policy> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = compiled.get(text) {
            return Arc::clone(known);
        }
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        let made = Arc::new(Policy::parse(name, text).unwrap_or_default());
        compiled.insert(text.to_owned(), Arc::clone(&made));
        made
    }

    /// The policy of a resource; of a role, whom it trusts.
    fn resource_policy(
        &self,
        caller: &Principal,
        action: &str,
        resource: &str,
        arn: Option<&Arn>,
    ) -> Option<Arc<Policy>> {
        if is_trust(action) {
            let role = self.directory.trusted_role(resource);
            return Some(role.map_or_else(Arc::default, |role| role.trust));
        }
        let arn = arn?;
        if arn.service == "s3" {
            // A policy that locks everybody out does not lock out the root from mending it.
            // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
            if *caller == Principal::Root && MENDING.contains(&action) {
                return None;
            }
            let bucket = arn.resource.split('/').next().unwrap_or_default();
            let policy = self.hub.objects().ok()?.bucket_policy(bucket, caller)?;
            return Some(self.compile(resource, &policy));
        }
        let service = self.hub.service(&arn.service)?;
        service.resource_policy(resource).map(|text| self.compile(resource, &text))
    }

    /// True if the root may do this whatever else is kept: to what the account owns, unless that has a policy of its own.
    fn is_the_roots(&self, action: &str, resource: &str) -> bool {
        let arn = Arn::parse(resource);
        self.owner(arn.as_ref()) == self.hub.identity.account
            && self.resource_policy(&Principal::Root, action, resource, arn.as_ref()).is_none()
    }

    /// The account that owns a resource. What is nobody's, and what AWS lets everybody read, is one's own.
    fn owner<'a>(&'a self, arn: Option<&'a Arn>) -> &'a str {
        match arn.map_or("", |arn| arn.account.as_str()) {
            "" | OWNED_BY_AWS => &self.hub.identity.account,
            owner => owner,
        }
    }

    fn decide_one(&self, question: &Question<'_>, resource: &str, asked: &Asked<'_>) -> Result<(), String> {
        let context = keys::context(&self.hub, question, asked.tags);
        let arn = Arn::parse(resource);
        let own = self.resource_policy(&question.caller.principal, question.action, resource, arn.as_ref());
        let policies = Policies {
            identity: &asked.effective.identity,
            boundary: asked.effective.boundary.as_deref(),
            session: &asked.session,
            resource: own.as_deref(),
            trust: is_trust(question.action),
        };
        let question = authorization::Question {
            caller: asked.who,
            action: question.action,
            resource,
            owner: self.owner(arn.as_ref()),
            context: &context,
        };
        let decision = decide(&question, &policies);
        let refusal = message(&question, &decision);
        self.note(&question, &decision, refusal.as_deref());
        refusal.map_or(Ok(()), Err)
    }

    fn note(&self, question: &authorization::Question<'_>, decision: &Decision<'_>, refusal: Option<&str>) {
        if let Some(refusal) = refusal {
            tracing::warn!(iam.action = question.action, iam.resource = question.resource, "denied: {refusal}");
        }
        if let Who::RoleSession { role, .. } = question.caller {
            self.usage.note(role, question.action, question.resource, decision, refusal);
        }
    }
}

/// The part of a question that is the same for all its resources.
struct Asked<'a> {
    who: Who<'a>,
    effective: &'a Effective,
    session: Vec<Arc<Policy>>,
    tags: &'a [(String, String)],
}

fn is_trust(action: &str) -> bool {
    action == "sts:AssumeRole" || action == "sts:TagSession"
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("enforced", &self.enforced).finish_non_exhaustive()
    }
}

impl Door for Authority {
    fn issued(&self, access_key: &str) -> Option<Issued> {
        self.credentials.find(access_key).or_else(|| self.directory.user_key(access_key))
    }

    fn decide(&self, question: &Question<'_>) -> Result<(), ServiceError> {
        let principal = &question.caller.principal;
        let is_the_roots = |resource: &String| self.is_the_roots(question.action, resource);
        match principal {
            Principal::Plane => return Ok(()),
            Principal::Root if question.resources.iter().all(is_the_roots) => return Ok(()),
            _ => {}
        }
        let account = self.hub.identity.account.as_str();
        let arn = question.caller.arn(account);
        let who = match principal {
            Principal::Root | Principal::Plane => Who::Root { account },
            Principal::User(_) => Who::User { arn: &arn, account },
            Principal::Session(session) if session.role.contains(":federated-user/") => {
                Who::FederatedUser { arn: &session.role, account }
            }
            Principal::Session(session) => Who::RoleSession { session: &arn, role: &session.role, account },
            Principal::Service(service) => Who::Service(service.name),
            Principal::Anonymous => Who::Anonymous,
        };
        let effective = self.directory.effective(principal);
        let session = match principal {
            Principal::Session(session) => session.policies.iter().map(|text| self.compile("session", text)).collect(),
            _ => Vec::new(),
        };
        let tags = self.directory.tags(principal);
        let asked = Asked { who, effective: &effective, session, tags: &tags };
        let service = question.action.split(':').next().unwrap_or_default();
        self.directory.used(principal, question.caller.access_key.as_deref(), service, self.hub.now());
        // An action that the reference knows without resources is decided for `*` alone.
        let any = ["*".to_owned()];
        let placeless = reference::action(question.action).is_some_and(|action| !action.takes_resources());
        let resources = if placeless && !question.resources.is_empty() { &any[..] } else { question.resources };
        for resource in resources {
            if let Err(refusal) = self.decide_one(question, resource, &asked)
                && self.enforced
            {
                return Err(ServiceError::new("AccessDeniedException", refusal).with_status(403));
            }
        }
        Ok(())
    }
}
