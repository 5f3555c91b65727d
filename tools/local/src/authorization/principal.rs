//! The caller of a request, and the reach of a policy's `Principal` element to them.

use serde_json::Value;

/// The caller of a request, as far as a decision needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller<'a> {
    /// The account's root user.
    Root { account: &'a str },
    /// An IAM user, with the ARN that policies name.
    User { arn: &'a str, account: &'a str },
    /// A session of a role. Policies may name the role or the session.
    RoleSession { session: &'a str, role: &'a str, account: &'a str },
    /// A session of `GetFederationToken`.
    FederatedUser { arn: &'a str, account: &'a str },
    /// A service of AWS, such as `lambda.amazonaws.com`.
    Service(&'a str),
    /// Somebody who did not sign.
    Anonymous,
}

impl<'a> Caller<'a> {
    /// The account that the caller belongs to; services and strangers have none.
    pub(super) fn account(&self) -> Option<&'a str> {
        match *self {
            Self::Root { account }
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Service(_) | Self::Anonymous => None,
        }
    }
}

/// The directness with which a resource's policy names a caller. A grant to a role is still limited by the role's boundary and
/// by the session's policies; a grant to an account, the account must pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Account,
    Role,
    Direct,
}

/// One entry of a `Principal` or `NotPrincipal` element.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Everyone,
    Account(Box<str>),
    Arn(Box<str>),
    Service(Box<str>),
    /// A federated or canonical identity: nobody on the plane has one.
    Other,
}

/// A statement's `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principals {
    named: Box<[Named]>,
    negated: bool,
}

impl Principals {
    pub(super) fn compile(element: &Value, negated: bool) -> Self {
        let mut named = Vec::new();
        match element {
            Value::String(text) if text == "*" => named.push(Named::Everyone),
            Value::Object(kinds) => {
                for (kind, values) in kinds {
                    let values = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
                    named.extend(values.iter().filter_map(Value::as_str).map(|value| entry(kind, value)));
                }
            }
            _ => {}
        }
        Self { named: named.into(), negated }
    }

    /// The reach of the element to a caller, if it has one.
    pub(super) fn reach(&self, caller: &Caller<'_>) -> Option<Reach> {
        if self.negated {
            return (!self.exempts(caller)).then_some(Reach::Direct);
        }
        self.named.iter().filter_map(|named| named.reach(caller)).max()
    }

    /// True if a `NotPrincipal` leaves a caller out: every principal that stands for it must be named, a user's or a
    /// role's account with it.
    fn exempts(&self, caller: &Caller<'_>) -> bool {
        let names = |wanted: &str| {
            self.named.iter().any(|named| match named {
                Named::Everyone => true,
                Named::Arn(arn) => &**arn == wanted,
                _ => false,
            })
        };
        let everyone = self.named.contains(&Named::Everyone);
        let account = |account: &str| {
            everyone || self.named.iter().any(|named| matches!(named, Named::Account(known) if &**known == account))
        };
        match *caller {
            Caller::Root { account: own } => account(own),
            Caller::User { arn, account: own } | Caller::FederatedUser { arn, account: own } => {
                names(arn) && account(own)
            }
            Caller::RoleSession { session, role, account: own } => names(session) && names(role) && account(own),
            Caller::Service(name) => {
                self.named.iter().any(|named| matches!(named, Named::Service(known) if &**known == name))
            }
            Caller::Anonymous => everyone,
        }
    }
}

fn entry(kind: &str, value: &str) -> Named {
    match kind {
        "AWS" if value == "*" => Named::Everyone,
        "AWS" => match account_of(value) {
            Some(account) => Named::Account(account.into()),
            None => Named::Arn(value.into()),
        },
        "Service" => Named::Service(value.into()),
        _ => Named::Other,
    }
}

/// The account of twelve digits or of `arn:aws:iam::ACCOUNT:root`.
pub(super) fn account_of(value: &str) -> Option<&str> {
    let account = match value.strip_prefix("arn:") {
        Some(_) => value.split(':').nth(4).filter(|_| value.ends_with(":root"))?,
        None => value,
    };
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

impl Named {
    fn reach(&self, caller: &Caller<'_>) -> Option<Reach> {
        match (self, caller) {
            (Self::Everyone, _) => Some(Reach::Direct),
            (Self::Service(named), Caller::Service(name)) => (&**named == *name).then_some(Reach::Direct),
            (Self::Account(named), caller) => (caller.account()? == &**named).then_some(Reach::Account),
            (Self::Arn(named), Caller::User { arn, .. } | Caller::FederatedUser { arn, .. }) => {
                (&**named == *arn).then_some(Reach::Direct)
            }
            (Self::Arn(named), Caller::RoleSession { session, .. }) if &**named == *session => Some(Reach::Direct),
            (Self::Arn(named), Caller::RoleSession { role, .. }) => (&**named == *role).then_some(Reach::Role),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    const ACCOUNT: &str = "000000000000";
    const SESSION: Caller<'_> = Caller::RoleSession {
        session: "arn:aws:sts::000000000000:assumed-role/r/s",
        role: "arn:aws:iam::000000000000:role/r",
        account: ACCOUNT,
    };
    const USER: Caller<'_> = Caller::User { arn: "arn:aws:iam::000000000000:user/u", account: ACCOUNT };
    const LAMBDA: Caller<'_> = Caller::Service("lambda.amazonaws.com");

    #[test_case(json!("*"), Caller::Anonymous, Some(Reach::Direct); "everyone")]
    #[test_case(json!({ "AWS": "*" }), SESSION, Some(Reach::Direct); "everyone, longer")]
    #[test_case(json!({ "AWS": ACCOUNT }), USER, Some(Reach::Account); "account")]
    #[test_case(json!({ "AWS": "arn:aws:iam::000000000000:root" }), SESSION, Some(Reach::Account); "root")]
    #[test_case(json!({ "AWS": "arn:aws:iam::111111111111:root" }), SESSION, None; "another account")]
    #[test_case(json!({ "AWS": ["x", "arn:aws:iam::000000000000:role/r"] }), SESSION, Some(Reach::Role); "role")]
    #[test_case(json!({ "AWS": "arn:aws:sts::000000000000:assumed-role/r/s" }), SESSION, Some(Reach::Direct); "session")]
    #[test_case(json!({ "AWS": "arn:aws:iam::000000000000:role/*" }), SESSION, None; "no wildcards")]
    #[test_case(json!({ "AWS": "arn:aws:iam::000000000000:user/u" }), USER, Some(Reach::Direct); "user")]
    #[test_case(json!({ "Service": ["sns.amazonaws.com", "lambda.amazonaws.com"] }), LAMBDA, Some(Reach::Direct); "service")]
    #[test_case(json!({ "AWS": ACCOUNT }), LAMBDA, None; "a service is in no account")]
    #[test_case(json!({ "Federated": "cognito-identity.amazonaws.com" }), USER, None; "federated")]
    fn a_principal_reaches(element: Value, caller: Caller<'_>, expected: Option<Reach>) {
        assert_eq!(Principals::compile(&element, false).reach(&caller), expected);
    }

    #[test]
    fn who_is_left_out_must_be_named_with_the_account() {
        let reach = |element: Value, caller| Principals::compile(&element, true).reach(&caller);
        let user = "arn:aws:iam::000000000000:user/u";
        assert_eq!(reach(json!({ "AWS": user }), USER), Some(Reach::Direct));
        assert_eq!(reach(json!({ "AWS": [user, ACCOUNT] }), USER), None);
        assert_eq!(reach(json!({ "AWS": [ACCOUNT] }), Caller::Root { account: ACCOUNT }), None);
        assert_eq!(reach(json!({ "Service": "lambda.amazonaws.com" }), LAMBDA), None);
        assert_eq!(reach(json!({ "Service": "lambda.amazonaws.com" }), Caller::Anonymous), Some(Reach::Direct));
    }
}
