//! Sessions and who is behind them, on a plane's hub with IAM.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::core::testing::{ask, hub, with};
use crate::core::{Authority as _, Caller, Issued};
use crate::iam::{self, Authority};

struct World {
    hub: Arc<Hub>,
    authority: Arc<Authority>,
}

fn world() -> World {
    let hub = hub();
    let (directory, credentials) = (Arc::<Directory>::default(), Arc::<Credentials>::default());
    let authority = Authority::new(&hub, &directory, &credentials, true);
    hub.set_authority(Arc::clone(&authority) as Arc<dyn crate::core::Authority>);
    with(&hub, vec![iam::service(&hub, &directory), service(&hub, &directory, &credentials)]);
    World { hub, authority }
}

impl World {
    async fn role(&self, principal: Value) -> String {
        let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let input = json!({ "RoleName": "app", "Path": "/team/", "AssumeRolePolicyDocument": document });
        let made = self.hub.call_as(&Caller::root(), "iam", "CreateRole", input).await.unwrap();
        made["Role"]["Arn"].as_str().unwrap().to_owned()
    }

    async fn sts(&self, caller: &Caller, operation: &str, input: Value) -> Reply {
        self.hub.call_as(caller, "sts", operation, input).await
    }

    fn issued(&self, reply: &Value) -> Issued {
        self.authority.issued(reply["Credentials"]["AccessKeyId"].as_str().unwrap()).unwrap()
    }
}

fn assume(role: &str) -> Value {
    json!({ "RoleArn": role, "RoleSessionName": "me" })
}

#[tokio::test]
async fn an_assumed_role_says_who_it_is() {
    let world = world();
    let role = world.role(json!({ "AWS": "*" })).await;
    let reply = world.sts(&Caller::root(), "AssumeRole", assume(&role)).await.unwrap();
    assert_eq!(reply["AssumedRoleUser"]["Arn"], "arn:aws:sts::000000000000:assumed-role/app/me");
    let issued = world.issued(&reply);
    let caller = Caller::from(issued.principal);
    let identity = world.sts(&caller, "GetCallerIdentity", json!({})).await.unwrap();
    assert_eq!(identity["Arn"], reply["AssumedRoleUser"]["Arn"]);
    assert_eq!(identity["UserId"], reply["AssumedRoleUser"]["AssumedRoleId"]);
    let operator = world.sts(&Caller::root(), "GetCallerIdentity", json!({})).await.unwrap();
    assert_eq!(operator["Arn"], "arn:aws:iam::000000000000:root");
}

#[tokio::test]
async fn the_trust_policy_decides() {
    let world = world();
    let role = world.role(json!({ "Service": "lambda.amazonaws.com" })).await;
    let denied = world.sts(&Caller::root(), "AssumeRole", assume(&role)).await.unwrap_err();
    assert_eq!((denied.code.as_str(), denied.status), ("AccessDenied", 403));
    let text = format!(
        "User: arn:aws:iam::000000000000:root is not authorized to perform: sts:AssumeRole on resource: {role}"
    );
    assert_eq!(denied.message, text);
    let session = session(&world.hub, &role, "fn", "lambda.amazonaws.com").await.unwrap();
    assert_eq!(session.arn("000000000000"), "arn:aws:sts::000000000000:assumed-role/app/fn");
    assert!(super::session(&world.hub, &role, "fn", "codebuild.amazonaws.com").await.is_err());
    let none = assume("arn:aws:iam::000000000000:role/none");
    assert_eq!(world.sts(&Caller::root(), "AssumeRole", none).await.unwrap_err().code, "AccessDenied");
}

#[tokio::test]
async fn an_external_id_is_a_condition() {
    let world = world();
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": "000000000000" }, "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": "secret" } },
    });
    let document = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    let made = json!({ "RoleName": "ext", "AssumeRolePolicyDocument": document });
    let made = world.hub.call_as(&Caller::root(), "iam", "CreateRole", made).await.unwrap();
    let mut input = assume(made["Role"]["Arn"].as_str().unwrap());
    assert!(world.sts(&Caller::root(), "AssumeRole", input.clone()).await.is_err());
    input["ExternalId"] = json!("secret");
    assert!(world.sts(&Caller::root(), "AssumeRole", input).await.is_ok());
}

#[tokio::test]
async fn a_session_lasts_as_long_as_the_role_lets_it() {
    let world = world();
    let role = world.role(json!({ "AWS": "*" })).await;
    let mut input = assume(&role);
    input["DurationSeconds"] = json!(7200);
    let refused = world.sts(&Caller::root(), "AssumeRole", input.clone()).await.unwrap_err();
    assert_eq!(refused.code, "ValidationError");
    assert_eq!(refused.message, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    input["DurationSeconds"] = json!(900);
    let before = world.hub.now();
    let expires = world.issued(&world.sts(&Caller::root(), "AssumeRole", input).await.unwrap()).expires.unwrap();
    assert!(expires.since(before) >= Duration::from_secs(900) && expires.since(before) < Duration::from_secs(910));
}

#[tokio::test]
async fn a_session_policy_must_be_a_policy_and_narrows() {
    let world = world();
    let role = world.role(json!({ "AWS": "*" })).await;
    let mut input = assume(&role);
    input["Policy"] = json!("{}");
    assert_eq!(
        world.sts(&Caller::root(), "AssumeRole", input.clone()).await.unwrap_err().code,
        "MalformedPolicyDocument"
    );
    let narrow =
        json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } });
    input["Policy"] = json!(narrow.to_string());
    let reply = world.sts(&Caller::root(), "AssumeRole", input).await.unwrap();
    let attach = json!({ "RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess" });
    world.hub.call_as(&Caller::root(), "iam", "AttachRolePolicy", attach).await.unwrap();
    let caller = Caller::from(world.issued(&reply).principal);
    let denied = world.hub.call_as(&caller, "iam", "ListRoles", json!({})).await.unwrap_err();
    assert!(denied.message.ends_with("because no session policy allows the iam:ListRoles action"), "{denied}");
}

#[tokio::test]
async fn a_user_gets_temporary_credentials_and_a_session_does_not() {
    let world = world();
    let role = world.role(json!({ "AWS": "*" })).await;
    let reply = world.sts(&Caller::root(), "AssumeRole", assume(&role)).await.unwrap();
    let caller = Caller::from(world.issued(&reply).principal);
    assert_eq!(world.sts(&caller, "GetSessionToken", json!({})).await.unwrap_err().code, "AccessDenied");
    let own = world.sts(&Caller::root(), "GetSessionToken", json!({})).await.unwrap();
    assert_eq!(world.issued(&own).principal, Principal::Root);
    let name = json!({ "RoleArn": role, "RoleSessionName": "a b" });
    let sts = world.hub.service("sts").unwrap();
    assert_eq!(ask(&**sts, "AssumeRole", name).await.unwrap_err().code, "ValidationError");
}

#[tokio::test]
async fn a_role_is_named_by_an_arn_with_all_its_parts() {
    let world = world();
    for wrong in ["the-name-of-a-role-alone", "arn::iam:::role/no-partition", "arn:aws::::role/no-service"] {
        let error = world.sts(&Caller::root(), "AssumeRole", assume(wrong)).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.message), ("ValidationError", format!("{wrong} is invalid")));
    }
}

#[tokio::test]
async fn a_transitive_tag_goes_on_to_the_next_session_and_cannot_be_set_there() {
    let world = world();
    let statement =
        json!({ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": ["sts:AssumeRole", "sts:TagSession"] });
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let input = json!({ "RoleName": "tagged", "AssumeRolePolicyDocument": document });
    let made = world.hub.call_as(&Caller::root(), "iam", "CreateRole", input).await.unwrap();
    let role = made["Role"]["Arn"].as_str().unwrap();
    let tagged = |tags: Value, keys: Value| {
        let mut input = assume(role);
        (input["Tags"], input["TransitiveTagKeys"]) = (tags, keys);
        input
    };
    let project = json!([{ "Key": "Project", "Value": "one" }]);
    let other = tagged(project.clone(), json!(["Other"]));
    let refused = world.sts(&Caller::root(), "AssumeRole", other).await.unwrap_err();
    assert_eq!(refused.code, "InvalidParameterValue");
    assert_eq!(refused.message, "The specified transitive tag key must be included in the requested tags.");
    let first = tagged(project.clone(), json!(["project"]));
    let first = world.issued(&world.sts(&Caller::root(), "AssumeRole", first).await.unwrap()).principal;
    let session = Caller::from(first);
    let again = tagged(json!([{ "Key": "PROJECT", "Value": "two" }]), json!([]));
    let refused = world.sts(&session, "AssumeRole", again).await.unwrap_err();
    assert_eq!(refused.code, "InvalidParameterValue");
    assert!(refused.message.ends_with("it conflicts with a transitive tag key from the calling session."), "{refused}");
    let second = tagged(json!([{ "Key": "Step", "Value": "2" }]), json!([]));
    let second = world.issued(&world.sts(&session, "AssumeRole", second).await.unwrap()).principal;
    let Principal::Session(second) = second else { panic!("no session") };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(second.tags, [pair("Project", "one"), pair("Step", "2")]);
    assert_eq!(second.transitive, ["Project"]);
}
