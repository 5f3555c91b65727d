//! The evaluation logic, with the examples of AWS's documentation.

use std::sync::Arc;

use serde_json::{Value, json};
use test_case::test_case;

use super::*;

const ACCOUNT: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::123456789012:role/app";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/app/one";
const USER: &str = "arn:aws:iam::123456789012:user/ana";
const BUCKET: &str = "arn:aws:s3:::reports/a";

fn policy(name: &str, statement: Value) -> Policy {
    Policy::compile(name, &json!({ "Version": "2012-10-17", "Statement": statement })).unwrap()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn deny(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Deny", "Action": action, "Resource": resource })
}

fn to(principal: Value, effect: &str) -> Value {
    json!({ "Effect": effect, "Action": "s3:GetObject", "Resource": "*", "Principal": principal })
}

fn user() -> Caller<'static> {
    Caller::User { arn: USER, account: ACCOUNT }
}

fn session() -> Caller<'static> {
    Caller::RoleSession { session: SESSION, role: ROLE, account: ACCOUNT }
}

/// The policies of one case; nothing where a kind is absent.
#[derive(Default)]
struct Case {
    identity: Option<Value>,
    boundary: Option<Value>,
    session: Option<Value>,
    resource: Option<Value>,
}

impl Case {
    fn asked_by(&self, caller: Caller<'_>) -> String {
        self.asked_in(caller, ACCOUNT)
    }

    /// The decision on reading an object: `allowed`, or the end of the refusal.
    fn asked_in(&self, caller: Caller<'_>, owner: &str) -> String {
        let compiled = |name: &str, statement: &Option<Value>| statement.clone().map(|one| policy(name, one));
        let identity: Vec<Arc<Policy>> = compiled("identity", &self.identity).into_iter().map(Arc::new).collect();
        let session: Vec<Arc<Policy>> = compiled("session", &self.session).into_iter().map(Arc::new).collect();
        let (boundary, resource) = (compiled("boundary", &self.boundary), compiled("resource", &self.resource));
        let policies = Policies {
            identity: &identity,
            boundary: boundary.as_ref(),
            session: &session,
            resource: resource.as_ref(),
            trust: false,
        };
        let context = Context::default();
        let question = Question { caller, action: "s3:GetObject", resource: BUCKET, owner, context: &context };
        let told = message(&question, &decide(&question, &policies));
        told.map_or_else(|| "allowed".to_owned(), |text| text.split_once(&format!("{BUCKET} ")).unwrap().1.to_owned())
    }
}

const NO_IDENTITY: &str = "because no identity-based policy allows the s3:GetObject action";
const NO_BOUNDARY: &str = "because no permissions boundary allows the s3:GetObject action";
const NO_SESSION: &str = "because no session policy allows the s3:GetObject action";
const NO_RESOURCE: &str = "because no resource-based policy allows the s3:GetObject action";

#[test]
fn what_nothing_allows_is_denied() {
    assert_eq!(Case::default().asked_by(user()), NO_IDENTITY);
    assert_eq!(Case::default().asked_by(Caller::Anonymous), NO_RESOURCE);
    assert_eq!(Case::default().asked_by(Caller::Service("lambda.amazonaws.com")), NO_RESOURCE);
    assert_eq!(Case::default().asked_by(Caller::Root { account: ACCOUNT }), "allowed");
}

#[test]
fn an_explicit_deny_wins_wherever_it_stands() {
    let granted = || Case { identity: Some(allow("s3:*", "*")), ..Case::default() };
    assert_eq!(granted().asked_by(user()), "allowed");
    let both = json!([allow("s3:*", "*"), deny("s3:Get*", "arn:aws:s3:::reports/*")]);
    let case = Case { identity: Some(both), ..Case::default() };
    assert_eq!(case.asked_by(user()), "with an explicit deny in an identity-based policy");
    let case = Case { boundary: Some(json!([allow("*", "*"), deny("s3:*", "*")])), ..granted() };
    assert_eq!(case.asked_by(user()), "with an explicit deny in a permissions boundary");
    let case = Case { session: Some(json!([allow("*", "*"), deny("s3:*", "*")])), ..granted() };
    assert_eq!(case.asked_by(session()), "with an explicit deny in a session policy");
    let case = Case { resource: Some(to(json!({ "AWS": ROLE }), "Deny")), ..granted() };
    assert_eq!(case.asked_by(session()), "with an explicit deny in a resource-based policy");
    let case = Case { resource: Some(to(json!("*"), "Deny")), ..granted() };
    assert_eq!(
        case.asked_by(Caller::Root { account: ACCOUNT }),
        "with an explicit deny in a resource-based policy",
        "the root user is not above a resource's policy"
    );
}

#[test]
fn a_boundary_and_a_session_policy_only_limit() {
    let other = || Some(allow("s3:PutObject", "*"));
    let granted = || Case { identity: Some(allow("s3:*", "*")), ..Case::default() };
    assert_eq!(Case { boundary: other(), ..granted() }.asked_by(user()), NO_BOUNDARY);
    assert_eq!(Case { session: other(), ..granted() }.asked_by(session()), NO_SESSION);
    let alone = Case { boundary: Some(allow("*", "*")), session: Some(allow("*", "*")), ..Case::default() };
    assert_eq!(alone.asked_by(session()), NO_IDENTITY);
}

/// "Permissions boundaries with resource-based policies": what is granted to a role is limited by its boundary, what is
/// granted to a user or to the session is not.
#[test_case(json!({ "AWS": USER }), user(), "allowed", "allowed"; "a user")]
#[test_case(json!({ "AWS": SESSION }), session(), "allowed", "allowed"; "a session")]
#[test_case(json!({ "AWS": ROLE }), session(), "allowed", NO_BOUNDARY; "a role")]
#[test_case(json!("*"), session(), "allowed", "allowed"; "everyone")]
#[test_case(json!({ "AWS": ACCOUNT }), session(), NO_IDENTITY, NO_IDENTITY; "an account grants further itself")]
#[test_case(json!({ "AWS": "arn:aws:iam::123456789012:user/bob" }), user(), NO_IDENTITY, NO_IDENTITY; "another user")]
fn a_resources_own_policy_may_allow(principal: Value, caller: Caller<'_>, alone: &str, bounded: &str) {
    let granted = || Case { resource: Some(to(principal.clone(), "Allow")), ..Case::default() };
    assert_eq!(granted().asked_by(caller), alone);
    let boundary = Some(allow("dynamodb:*", "*"));
    assert_eq!(Case { boundary, ..granted() }.asked_by(caller), bounded);
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let other = "999999999999";
    let identity = || Some(allow("s3:*", "*"));
    let resource = || Some(to(json!({ "AWS": ACCOUNT }), "Allow"));
    let ask = |case: Case| case.asked_in(user(), other);
    assert_eq!(ask(Case { identity: identity(), ..Case::default() }), NO_RESOURCE);
    assert_eq!(ask(Case { resource: resource(), ..Case::default() }), NO_IDENTITY);
    assert_eq!(ask(Case { identity: identity(), resource: resource(), ..Case::default() }), "allowed");
}

#[test]
fn services_and_strangers_come_in_by_the_resources_policy_alone() {
    let lambda = Caller::Service("lambda.amazonaws.com");
    let granted = Case { resource: Some(to(json!({ "Service": "lambda.amazonaws.com" }), "Allow")), ..Case::default() };
    assert_eq!(granted.asked_by(lambda), "allowed");
    assert_eq!(granted.asked_by(Caller::Service("sns.amazonaws.com")), NO_RESOURCE);
    assert_eq!(granted.asked_by(Caller::Anonymous), NO_RESOURCE);
    let public = Case { resource: Some(to(json!("*"), "Allow")), ..Case::default() };
    assert_eq!(public.asked_by(Caller::Anonymous), "allowed");
}

/// A role's trust policy must name who assumes it; one that names the account leaves it to the account's own policies.
#[test_case(json!({ "AWS": USER }), None, true; "who is named needs nothing else")]
#[test_case(json!({ "AWS": ACCOUNT }), None, false; "an account's user needs a policy")]
#[test_case(json!({ "AWS": ACCOUNT }), Some(allow("sts:AssumeRole", ROLE)), true; "an account's user with a policy")]
#[test_case(json!({ "Service": "lambda.amazonaws.com" }), Some(allow("*", "*")), false; "another is trusted")]
fn a_trust_policy_is_needed(principal: Value, identity: Option<Value>, expected: bool) {
    let trust = policy("trust", json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }));
    let identity: Vec<Arc<Policy>> = identity.map(|one| Arc::new(policy("identity", one))).into_iter().collect();
    let policies = Policies { identity: &identity, resource: Some(&trust), trust: true, ..Policies::default() };
    let context = Context::default();
    let question =
        Question { caller: user(), action: "sts:AssumeRole", resource: ROLE, owner: ACCOUNT, context: &context };
    assert_eq!(matches!(decide(&question, &policies), Decision::Allowed(_)), expected);
}

#[test]
fn a_decision_names_its_statement() {
    let statements =
        json!([deny("iam:*", "*"), { "Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" }]);
    let identity = [Arc::new(policy("Reader", statements))];
    let policies = Policies { identity: &identity, ..Policies::default() };
    let context = Context::default();
    let question =
        Question { caller: session(), action: "s3:GetObject", resource: BUCKET, owner: ACCOUNT, context: &context };
    let Decision::Allowed(Some(by)) = decide(&question, &policies) else { panic!("it is allowed") };
    assert_eq!((by.policy.name(), by.statement, by.source), ("Reader", 1, Source::Identity));
    assert_eq!(by.policy.statements()[by.statement].sid(), Some("Read"));
}

#[test]
fn a_refusal_reads_as_awss() {
    let context = Context::default();
    let mut question = Question {
        caller: session(),
        action: "ssm:GetParameter",
        resource: "arn:aws:ssm:us-east-1:123456789012:parameter/p",
        owner: ACCOUNT,
        context: &context,
    };
    let denied = decide(&question, &Policies::default());
    assert_eq!(
        message(&question, &denied).unwrap(),
        "User: arn:aws:sts::123456789012:assumed-role/app/one is not authorized to perform: ssm:GetParameter on \
         resource: arn:aws:ssm:us-east-1:123456789012:parameter/p because no identity-based policy allows the \
         ssm:GetParameter action"
    );
    (question.action, question.resource) = ("codecommit:ListRepositories", "*");
    assert_eq!(
        message(&question, &denied).unwrap(),
        "User: arn:aws:sts::123456789012:assumed-role/app/one is not authorized to perform: \
         codecommit:ListRepositories because no identity-based policy allows the codecommit:ListRepositories action"
    );
}
