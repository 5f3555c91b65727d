//! Roles, users, groups, keys, profiles, tags.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_role_comes_back_as_it_was_made() {
    let world = world();
    let trust = trusting("lambda.amazonaws.com");
    let made = world
        .ask(
            "CreateRole",
            json!({
                "RoleName": "app", "Path": "/team/", "AssumeRolePolicyDocument": trust, "Description": "d",
                "Tags": [{ "Key": "team", "Value": "blue" }],
                "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess",
            }),
        )
        .await;
    assert_eq!(made["Role"]["Arn"], "arn:aws:iam::000000000000:role/team/app");
    assert_eq!(made["Role"].get("MaxSessionDuration"), None, "the default is told by reads alone");
    let role = world.ask("GetRole", json!({ "RoleName": "app" })).await["Role"].clone();
    assert_eq!(role["MaxSessionDuration"], 3600);
    assert_eq!(role["Tags"], json!([{ "Key": "team", "Value": "blue" }]));
    assert_eq!(role["PermissionsBoundary"]["PermissionsBoundaryArn"], "arn:aws:iam::aws:policy/PowerUserAccess");
    let text = role["AssumeRolePolicyDocument"].as_str().unwrap();
    assert_eq!(percent_encoding::percent_decode_str(text).decode_utf8().unwrap(), trust);
    let listed = world.ask("ListRoles", json!({ "PathPrefix": "/team/" })).await;
    assert_eq!(listed["Roles"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["Roles"][0].get("Tags"), None, "lists have no tags");
    let taken = world.told("CreateRole", json!({ "RoleName": "App", "AssumeRolePolicyDocument": trust })).await;
    assert_eq!(taken, ("EntityAlreadyExists".into(), 409, "Role with name App already exists.".into()));
}

#[tokio::test]
async fn who_is_trusted_must_exist_and_nothing_else_may_be_there() {
    let world = world();
    let trust = |principal: Value| {
        json!({ "RoleName": "r", "AssumeRolePolicyDocument":
            document(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal })) })
    };
    let (code, status, text) =
        world.told("CreateRole", trust(json!({ "AWS": "arn:aws:iam::000000000000:role/x" }))).await;
    assert_eq!((code.as_str(), status), ("MalformedPolicyDocument", 400));
    assert_eq!(text, "Invalid principal in policy: \"AWS\":\"arn:aws:iam::000000000000:role/x\"");
    world.ask("CreateRole", trust(json!({ "AWS": "arn:aws:iam::111111111111:role/x" }))).await;
    let resource =
        document(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Resource": "*" }));
    let input = json!({ "RoleName": "r", "PolicyDocument": resource });
    assert_eq!(world.told("UpdateAssumeRolePolicy", input).await.2, "Has prohibited field Resource");
}

#[tokio::test]
async fn a_role_goes_only_when_nothing_holds_it() {
    let world = world();
    world.role("app").await;
    let policy = json!({ "RoleName": "app", "PolicyName": "p", "PolicyDocument": document(allow("s3:*", "*")) });
    world.ask("PutRolePolicy", policy).await;
    world
        .ask("AttachRolePolicy", json!({ "RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" }))
        .await;
    world.ask("CreateInstanceProfile", json!({ "InstanceProfileName": "i" })).await;
    world.ask("AddRoleToInstanceProfile", json!({ "InstanceProfileName": "i", "RoleName": "app" })).await;
    let gone = || world.told("DeleteRole", json!({ "RoleName": "app" }));
    assert_eq!(gone().await.2, "Cannot delete entity, must remove roles from instance profile first.");
    world.ask("RemoveRoleFromInstanceProfile", json!({ "InstanceProfileName": "i", "RoleName": "app" })).await;
    assert_eq!(gone().await.2, "Cannot delete entity, must detach all policies first.");
    world
        .ask("DetachRolePolicy", json!({ "RoleName": "app", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess" }))
        .await;
    let (code, status, text) = gone().await;
    assert_eq!((code.as_str(), status), ("DeleteConflict", 409));
    assert_eq!(text, "Cannot delete entity, must delete policies first.");
    world.ask("DeleteRolePolicy", json!({ "RoleName": "app", "PolicyName": "p" })).await;
    world.ask("DeleteRole", json!({ "RoleName": "app" })).await;
    let missing = world.told("GetRole", json!({ "RoleName": "app" })).await;
    assert_eq!(missing, ("NoSuchEntity".into(), 404, "The role with name app cannot be found.".into()));
}

#[tokio::test]
async fn users_keys_and_groups_hold_on_to_one_another() {
    let world = world();
    world.ask("CreateUser", json!({ "UserName": "ana", "Path": "/team/" })).await;
    world.ask("CreateGroup", json!({ "GroupName": "devs" })).await;
    world.ask("AddUserToGroup", json!({ "GroupName": "devs", "UserName": "ana" })).await;
    assert_eq!(world.ask("GetGroup", json!({ "GroupName": "devs" })).await["Users"][0]["UserName"], "ana");
    assert_eq!(world.ask("ListGroupsForUser", json!({ "UserName": "ana" })).await["Groups"][0]["GroupName"], "devs");
    let key = world.ask("CreateAccessKey", json!({ "UserName": "ana" })).await["AccessKey"].clone();
    assert!(key["AccessKeyId"].as_str().unwrap().starts_with("AKIA"));
    assert_eq!(key["SecretAccessKey"].as_str().map(str::len), Some(40));
    world.ask("CreateAccessKey", json!({ "UserName": "ana" })).await;
    let third = world.told("CreateAccessKey", json!({ "UserName": "ana" })).await;
    assert_eq!(third, ("LimitExceeded".into(), 409, "Cannot exceed quota for AccessKeysPerUser: 2".into()));
    let id = &key["AccessKeyId"];
    world.ask("UpdateAccessKey", json!({ "UserName": "ana", "AccessKeyId": id, "Status": "Inactive" })).await;
    assert!(world.directory.user_key(id.as_str().unwrap()).is_none(), "an inactive key is nobody's");
    let gone = world.told("DeleteUser", json!({ "UserName": "ana" })).await;
    assert_eq!(gone.2, "Cannot delete entity, must remove users from group first.");
    world.ask("RemoveUserFromGroup", json!({ "GroupName": "devs", "UserName": "ana" })).await;
    let gone = world.told("DeleteUser", json!({ "UserName": "ana" })).await;
    assert_eq!(gone.2, "Cannot delete entity, must delete access keys first.");
    world.ask("UpdateUser", json!({ "UserName": "ana", "NewUserName": "anna" })).await;
    assert_eq!(
        world.ask("GetUser", json!({ "UserName": "anna" })).await["User"]["Arn"],
        "arn:aws:iam::000000000000:user/team/anna"
    );
}

#[tokio::test]
async fn tags_have_no_case_and_can_be_removed() {
    let world = world();
    world.role("app").await;
    let tag = |key: &str, value: &str| json!({ "RoleName": "app", "Tags": [{ "Key": key, "Value": value }] });
    world.ask("TagRole", tag("Team", "blue")).await;
    world.ask("TagRole", tag("team", "red")).await;
    let tags = world.ask("ListRoleTags", json!({ "RoleName": "app" })).await["Tags"].clone();
    assert_eq!(tags, json!([{ "Key": "team", "Value": "red" }]));
    let twice = json!({ "RoleName": "app", "Tags": [{ "Key": "a", "Value": "" }, { "Key": "A", "Value": "" }] });
    assert_eq!(world.told("TagRole", twice).await.0, "InvalidInput");
    world.ask("UntagRole", json!({ "RoleName": "app", "TagKeys": ["TEAM"] })).await;
    assert_eq!(world.ask("ListRoleTags", json!({ "RoleName": "app" })).await["Tags"], json!([]));
    assert_eq!(world.told("TagUser", json!({ "UserName": "x", "Tags": [] })).await.0, "NoSuchEntity");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = world();
    for name in ["a", "b", "c"] {
        world.role(name).await;
    }
    let first = world.ask("ListRoles", json!({ "MaxItems": 2 })).await;
    assert_eq!((first["Roles"].as_array().map(Vec::len), &first["IsTruncated"]), (Some(2), &json!(true)));
    let rest = world.ask("ListRoles", json!({ "MaxItems": 2, "Marker": first["Marker"] })).await;
    assert_eq!((&rest["Roles"][0]["RoleName"], &rest["IsTruncated"]), (&json!("c"), &json!(false)));
    assert_eq!(world.told("ListRoles", json!({ "Marker": "nonsense" })).await.0, "ValidationError");
}

#[tokio::test]
async fn the_operator_is_the_root_user() {
    let world = world();
    assert_eq!(world.ask("GetUser", json!({})).await["User"]["Arn"], "arn:aws:iam::000000000000:root");
    assert_eq!(world.told("CreateAccessKey", json!({})).await.0, "NotImplemented");
    assert_eq!(world.ask("ListAccessKeys", json!({})).await["AccessKeyMetadata"], json!([]));
    assert_eq!(world.told("CreateLoginProfile", json!({ "UserName": "x", "Password": "y" })).await.0, "NotImplemented");
}

#[tokio::test]
async fn everything_is_told_at_once() {
    let world = world();
    world.role("app").await;
    let arn = world.policy("own", allow("s3:*", "*")).await;
    world.ask("AttachRolePolicy", json!({ "RoleName": "app", "PolicyArn": arn })).await;
    let told = world.ask("GetAccountAuthorizationDetails", json!({ "Filter": ["Role", "LocalManagedPolicy"] })).await;
    assert_eq!(told["RoleDetailList"][0]["AttachedManagedPolicies"][0]["PolicyName"], "own");
    assert_eq!(told["Policies"][0]["PolicyVersionList"][0]["VersionId"], "v1");
    assert_eq!(told["UserDetailList"], json!([]));
    assert_eq!(world.ask("GetAccountSummary", json!({})).await["SummaryMap"]["Roles"], 1);
}

#[tokio::test]
async fn a_service_linked_role_is_awss_to_change() {
    let world = world();
    let create = |suffix: Value| json!({ "AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": suffix });
    let made = world.ask("CreateServiceLinkedRole", create(json!("own"))).await["Role"].clone();
    let name = "AWSServiceRoleForAutoScaling_own";
    assert_eq!(
        (&made["RoleName"], &made["Path"]),
        (&json!(name), &json!("/aws-service-role/autoscaling.amazonaws.com/"))
    );
    let attached = world.ask("ListAttachedRolePolicies", json!({ "RoleName": name })).await["AttachedPolicies"].clone();
    let policy = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy";
    assert_eq!(attached, json!([{ "PolicyArn": policy, "PolicyName": "AutoScalingServiceRolePolicy" }]));
    let taken = world.told("CreateServiceLinkedRole", create(json!("own"))).await;
    let text = format!("Service role name {name} has been taken in this account, please try a different suffix.");
    assert_eq!(taken, ("InvalidInput".to_owned(), 400, text));
    let suffix = json!({ "AWSServiceName": "batch.amazonaws.com", "CustomSuffix": "own" });
    let refused = world.told("CreateServiceLinkedRole", suffix).await;
    assert_eq!(refused.2, "Custom suffix is not allowed for batch.amazonaws.com");
    for (operation, input) in [
        ("DeleteRole", json!({ "RoleName": name })),
        ("DetachRolePolicy", json!({ "RoleName": name, "PolicyArn": policy })),
    ] {
        assert_eq!(world.told(operation, input).await.0, "UnmodifiableEntity");
    }
    let task = world.ask("DeleteServiceLinkedRole", json!({ "RoleName": name })).await["DeletionTaskId"].clone();
    assert!(task.as_str().unwrap().starts_with(&format!("task/aws-service-role/autoscaling.amazonaws.com/{name}/")));
    let status = world.ask("GetServiceLinkedRoleDeletionStatus", json!({ "DeletionTaskId": task })).await;
    assert_eq!(status["Status"], "SUCCEEDED");
    assert_eq!(world.told("GetRole", json!({ "RoleName": name })).await.0, "NoSuchEntity");
}
