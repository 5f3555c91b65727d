//! Whoever may make roles within a boundary alone: AWS's way of handing the making of roles to somebody without handing over the
//! account. <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::{document, trusting};
use crate::core::{Caller, Principal, ServiceError, Session};
use crate::{Plane, PlaneOptions};

const OURS: &str = "arn:aws:iam::000000000000:role/app/*";
const BOUNDARY: &str = "arn:aws:iam::000000000000:policy/kept/boundary";
const OTHER: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A plane that enforces, and a role on it that may change the roles of a path as long as they have the boundary.
struct Delegation {
    plane: Plane,
    delegate: Caller,
}

impl Delegation {
    async fn begin() -> Self {
        let plane = Plane::start(PlaneOptions { enforce_iam: true, ..PlaneOptions::default() }).await.unwrap();
        let session = Session {
            role: "arn:aws:iam::000000000000:role/delegate".to_owned(),
            role_id: "AROA".to_owned(),
            name: "one".to_owned(),
            policies: Vec::new(),
            tags: Vec::new(),
            transitive: Vec::new(),
        };
        let delegation = Self { plane, delegate: Principal::Session(Arc::new(session)).into() };
        let policy = json!({ "Effect": "Allow", "Action": "ssm:*", "Resource": "*" });
        let input = json!({ "PolicyName": "boundary", "Path": "/kept/", "PolicyDocument": document(policy) });
        delegation.operator("CreatePolicy", input).await;
        let trust = trusting("lambda.amazonaws.com");
        let input = json!({ "RoleName": "delegate", "AssumeRolePolicyDocument": trust });
        delegation.operator("CreateRole", input).await;
        let within = json!({ "StringEquals": { "iam:PermissionsBoundary": BOUNDARY } });
        let statements = json!([
            { "Effect": "Allow", "Action": "iam:*", "Resource": OURS, "Condition": within },
            { "Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": "*",
              "Condition": { "ArnEquals": { "iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess" } } },
        ]);
        let input = json!({ "RoleName": "delegate", "PolicyName": "p", "PolicyDocument": document(statements) });
        delegation.operator("PutRolePolicy", input).await;
        delegation
    }

    async fn operator(&self, operation: &str, input: Value) -> Value {
        self.ask(&Caller::root(), operation, input).await.unwrap()
    }

    async fn ask(&self, caller: &Caller, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.plane.hub().call_as(caller, "iam", operation, input).await
    }

    async fn may(&self, operation: &str, input: Value) -> bool {
        match self.ask(&self.delegate, operation, input).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.code, "AccessDenied", "{operation}: {error}");
                false
            }
        }
    }

    async fn makes(&self, name: &str, path: &str, boundary: Option<&str>) -> bool {
        let trust = trusting("lambda.amazonaws.com");
        let mut input = json!({ "RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust });
        if let Some(boundary) = boundary {
            input["PermissionsBoundary"] = json!(boundary);
        }
        self.may("CreateRole", input).await
    }
}

#[tokio::test]
async fn a_role_is_made_in_its_path_and_with_its_boundary_only() {
    let delegation = Delegation::begin().await;
    assert!(delegation.makes("one", "/app/", Some(BOUNDARY)).await);
    assert!(!delegation.makes("two", "/app/", None).await);
    assert!(!delegation.makes("two", "/app/", Some(OTHER)).await);
    assert!(!delegation.makes("two", "/", Some(BOUNDARY)).await);
    assert!(!delegation.makes("two", "/application/", Some(BOUNDARY)).await);
    delegation.plane.shutdown().await;
}

#[tokio::test]
async fn a_change_asks_for_the_boundary_that_a_role_has_and_a_new_boundary_for_itself() {
    let delegation = Delegation::begin().await;
    let trust = trusting("lambda.amazonaws.com");
    let input = json!({ "RoleName": "free", "Path": "/app/", "AssumeRolePolicyDocument": trust });
    delegation.operator("CreateRole", input).await;
    assert!(delegation.makes("bound", "/app/", Some(BOUNDARY)).await);
    let policy = document(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
    for (role, allowed) in [("bound", true), ("free", false)] {
        for (operation, rest) in [
            ("PutRolePolicy", json!({ "PolicyName": "p", "PolicyDocument": policy })),
            ("DeleteRolePolicy", json!({ "PolicyName": "p" })),
            ("AttachRolePolicy", json!({ "PolicyArn": OTHER })),
            ("DetachRolePolicy", json!({ "PolicyArn": OTHER })),
            ("UpdateAssumeRolePolicy", json!({ "PolicyDocument": trust })),
            ("UpdateRole", json!({ "Description": "new" })),
            ("GetRole", json!({})),
        ] {
            let mut input = rest;
            input["RoleName"] = json!(role);
            assert_eq!(delegation.may(operation, input).await, allowed, "{operation} of {role}");
        }
        let put = |boundary| json!({ "RoleName": role, "PermissionsBoundary": boundary });
        assert!(!delegation.may("PutRolePermissionsBoundary", put(OTHER)).await);
        assert!(delegation.may("PutRolePermissionsBoundary", put(BOUNDARY)).await);
    }
    // Tags are no permissions: IAM knows no boundary there.
    let tags = json!({ "RoleName": "bound", "Tags": [{ "Key": "a", "Value": "b" }] });
    assert!(!delegation.may("TagRole", tags).await);
    delegation.plane.shutdown().await;
}

#[tokio::test]
async fn an_attachment_asks_which_policy_it_is() {
    let delegation = Delegation::begin().await;
    let attach =
        |policy: &str| json!({ "RoleName": "delegate", "PolicyArn": format!("arn:aws:iam::aws:policy/{policy}") });
    assert!(!delegation.may("AttachRolePolicy", attach("AdministratorAccess")).await);
    assert!(delegation.may("AttachRolePolicy", attach("ReadOnlyAccess")).await);
    delegation.plane.shutdown().await;
}
