//! Calls decided: what AWS would say to a function that calls another service.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::core::{Authority as _, Caller, Principal, Question, Session};
use crate::iam::{Authority, Credentials};

const PARAMETER: &str = "arn:aws:ssm:us-east-1:000000000000:parameter/p";

fn session(role: &str) -> Caller {
    let session = Session {
        role: role.to_owned(),
        role_id: "AROA".to_owned(),
        name: "one".to_owned(),
        policies: Vec::new(),
        tags: Vec::new(),
        transitive: Vec::new(),
    };
    Principal::Session(Arc::new(session)).into()
}

fn asked(authority: &Authority, caller: &Caller, action: &str, resource: &str) -> Result<(), String> {
    let resources = [resource.to_owned()];
    let question = Question { caller, action, resources: &resources, context: Vec::new() };
    authority.decide(&question).map_err(|error| error.message)
}

#[tokio::test]
async fn a_session_may_do_what_its_role_is_granted_and_the_record_tells() {
    let world = world();
    let authority = Authority::new(&world.hub, &world.directory, &Arc::<Credentials>::default(), true);
    let role = world.role("app").await;
    let caller = session(&role);
    let refusal = asked(&authority, &caller, "ssm:GetParameter", PARAMETER).unwrap_err();
    assert_eq!(
        refusal,
        format!(
            "User: arn:aws:sts::000000000000:assumed-role/app/one is not authorized to perform: ssm:GetParameter on \
             resource: {PARAMETER} because no identity-based policy allows the ssm:GetParameter action"
        )
    );
    let statements = json!([{ "Effect": "Allow", "Action": ["ssm:GetParameter", "sns:Publish"], "Resource": "*" }]);
    let put = json!({ "RoleName": "app", "PolicyName": "p", "PolicyDocument": document(statements) });
    world.ask("PutRolePolicy", put).await;
    assert_eq!(asked(&authority, &caller, "ssm:GetParameter", PARAMETER), Ok(()), "a new policy counts at once");
    let access = authority.access();
    let told = access.iter().find(|access| access.role == role).unwrap();
    assert_eq!((told.denied.len(), told.allowed.len()), (1, 1));
    assert_eq!(told.unused.iter().map(|grant| grant.action.as_str()).collect::<Vec<_>>(), ["sns:Publish"]);
    let used = world.ask("GetRole", json!({ "RoleName": "app" })).await["Role"]["RoleLastUsed"].clone();
    assert_eq!(used["Region"], "us-east-1");
}

#[tokio::test]
async fn the_operator_may_do_everything_and_strangers_nothing() {
    let world = world();
    let authority = Authority::new(&world.hub, &world.directory, &Arc::<Credentials>::default(), true);
    assert_eq!(asked(&authority, &Caller::root(), "ssm:GetParameter", PARAMETER), Ok(()));
    let stranger = Caller::from(Principal::Anonymous);
    assert!(asked(&authority, &stranger, "ssm:GetParameter", PARAMETER).is_err());
    assert!(asked(&authority, &Caller::service("events.amazonaws.com"), "ssm:GetParameter", PARAMETER).is_err());
}

#[tokio::test]
async fn an_authority_that_does_not_enforce_takes_down_what_it_would_deny() {
    let world = world();
    let authority = Authority::new(&world.hub, &world.directory, &Arc::<Credentials>::default(), false);
    let role = world.role("app").await;
    assert_eq!(asked(&authority, &session(&role), "ssm:GetParameter", PARAMETER), Ok(()));
    assert_eq!(authority.access()[0].denied[0].action, "ssm:GetParameter");
}

#[tokio::test]
async fn a_user_has_the_policies_of_the_groups() {
    let world = world();
    let authority = Authority::new(&world.hub, &world.directory, &Arc::<Credentials>::default(), true);
    world.ask("CreateUser", json!({ "UserName": "ana" })).await;
    world.ask("CreateGroup", json!({ "GroupName": "devs" })).await;
    world.ask("AddUserToGroup", json!({ "GroupName": "devs", "UserName": "ana" })).await;
    let own = "arn:aws:ssm:us-east-1:000000000000:parameter/${aws:username}";
    let put = json!({ "GroupName": "devs", "PolicyName": "p", "PolicyDocument": document(allow("ssm:*", own)) });
    world.ask("PutGroupPolicy", put).await;
    let key = world.ask("CreateAccessKey", json!({ "UserName": "ana" })).await["AccessKey"]["AccessKeyId"].clone();
    let caller = Caller::from(authority.issued(key.as_str().unwrap()).unwrap().principal);
    assert_eq!(asked(&authority, &caller, "ssm:GetParameter", &own.replace("${aws:username}", "ana")), Ok(()));
    assert!(asked(&authority, &caller, "ssm:GetParameter", PARAMETER).is_err());
}
