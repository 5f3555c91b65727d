//! The principals behind calls, and the words that AWS has for them.
//!
//! A principal is resolved once, where the wire speaks, and travels with every request from there on. A service that acts for
//! somebody (CloudFormation for the caller of a stack) hands its caller on and adds its own name; a service that acts for
//! itself (EventBridge that calls a function) is a principal of its own.

use std::sync::Arc;

/// The identity in whose name a call is made, as policies know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The account's root: the operator at a terminal, whatever credentials they use.
    Root,
    /// A user of IAM, with keys of their own.
    User(Arc<User>),
    /// A session of a role.
    Session(Arc<Session>),
    /// An AWS service that acts for itself, such as `events.amazonaws.com`.
    Service(ServicePrincipal),
    /// Nobody: the request is not signed.
    Anonymous,
    /// The plane's own upkeep, which no service of AWS's knows. It cannot be had on the wire.
    Plane,
}

/// An IAM user, as far as calls show one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name without its path.
    pub name: String,
    /// The unique id, such as `AIDA…`.
    pub id: String,
    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
    pub arn: String,
}

/// A session of a role, or of a federated user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
    pub role: String,
    /// The role's unique id, such as `AROA…`.
    pub role_id: String,
    /// The session's own name.
    pub name: String,
    /// The policies that narrow the session, as documents.
    pub policies: Vec<String>,
    /// The session's tags: the condition keys `aws:PrincipalTag/KEY`.
    pub tags: Vec<(String, String)>,
    /// The keys of those tags that a session has, too, whose role this one assumes.
    pub transitive: Vec<String>,
}

/// A service of AWS's, and the resource for which it acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// The principal's name in policies, such as `events.amazonaws.com`.
    pub name: &'static str,
    /// The rule, topic, bucket or API that it acts for: the condition key `aws:SourceArn`.
    pub source: Option<String>,
}

/// The maker of a request, and the way by which it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The identity that IAM judges.
    pub principal: Principal,
    /// The access key that signed; none where nobody did.
    pub access_key: Option<String>,
    /// The service that makes the call for the principal, such as `cloudformation.amazonaws.com`.
    pub through: Option<&'static str>,
}

impl Caller {
    /// The operator, who is the account's root.
    pub fn root() -> Self {
        Principal::Root.into()
    }

    /// A service that acts for itself.
    pub fn service(name: &'static str) -> Self {
        Principal::Service(ServicePrincipal { name, source: None }).into()
    }

    /// A service that acts for one of its resources.
    pub fn service_for(name: &'static str, source: impl Into<String>) -> Self {
        Principal::Service(ServicePrincipal { name, source: Some(source.into()) }).into()
    }

    /// The same caller, whose call `service` makes for them.
    #[must_use]
    pub fn through(&self, service: &'static str) -> Self {
        Self { through: Some(service), ..self.clone() }
    }

    /// True if the plane itself asks.
    pub fn is_plane(&self) -> bool {
        self.principal == Principal::Plane
    }

    /// The principal's ARN, as `GetCallerIdentity` and denials have it; a service is called by its name.
    pub fn arn(&self, account: &str) -> String {
        match &self.principal {
            Principal::Root | Principal::Plane => format!("arn:aws:iam::{account}:root"),
            Principal::User(user) => user.arn.clone(),
            Principal::Session(session) => {
                format!("arn:aws:sts::{account}:assumed-role/{}/{}", session.role_name(), session.name)
            }
            Principal::Service(service) => service.name.to_owned(),
            Principal::Anonymous => "anonymous".to_owned(),
        }
    }

    /// The principal's unique id (`aws:userid`).
    pub fn user_id(&self, account: &str) -> String {
        match &self.principal {
            Principal::User(user) => user.id.clone(),
            Principal::Session(session) => format!("{}:{}", session.role_id, session.name),
            Principal::Service(service) => service.name.to_owned(),
            Principal::Anonymous => "anonymous".to_owned(),
            Principal::Root | Principal::Plane => account.to_owned(),
        }
    }
}

impl From<Principal> for Caller {
    fn from(principal: Principal) -> Self {
        Self { principal, access_key: None, through: None }
    }
}

impl Session {
    /// The role's name, without its path.
    pub fn role_name(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_called_by_its_role_without_the_path() {
        let session = Session {
            role: "arn:aws:iam::000000000000:role/service-role/app".to_owned(),
            role_id: "AROAX".to_owned(),
            name: "me".to_owned(),
            policies: Vec::new(),
            tags: Vec::new(),
            transitive: Vec::new(),
        };
        let caller = Caller::from(Principal::Session(Arc::new(session)));
        assert_eq!(caller.arn("000000000000"), "arn:aws:sts::000000000000:assumed-role/app/me");
        assert_eq!(caller.user_id("000000000000"), "AROAX:me");
    }
}
