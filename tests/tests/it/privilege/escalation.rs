//! Whoever may push to the branch has what the pipeline's roles have: the execution role through a template, the build's through its
//! commands. This is what they cannot do with it.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::ground::{ACCOUNT, Ground, PIPELINE_STACK, REGION, STACK};

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const PATH: &str = "/slipway/shop/";
/// Another application, whose name begins with this one's.
const OTHER: &str = "shop-admin";

fn boundary() -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/slipway-pipeline/shop-released-{REGION}")
}

fn trust() -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
    }] })
    .to_string()
}

fn everything() -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }).to_string()
}

/// The calls that each would make somebody an administrator, or make way for it.
async fn attempts(ground: &Ground) -> Result<Vec<(&'static str, &'static str, Value)>> {
    let name = |stack, id| ground.resource(stack, id);
    let made = |name: &str, path: &str, boundary: Option<&str>| {
        let mut input = json!({ "RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust() });
        if let Some(boundary) = boundary {
            input["PermissionsBoundary"] = json!(boundary);
        }
        input
    };
    let released = name(STACK, "ContactsApiRole").await?;
    let mut attempts = vec![
        ("iam", "CreateRole", made("shop--production-own", PATH, None)),
        ("iam", "CreateRole", made("shop--production-own", PATH, Some(ADMINISTRATOR))),
        ("iam", "CreateRole", made("shop--production-own", "/", Some(&boundary()))),
        ("iam", "CreateRole", made("shop--production-own", "/slipway/shop-admin/", Some(&boundary()))),
        ("iam", "CreateRole", made("shop--production-own", "/slipway-pipeline/", Some(&boundary()))),
        ("iam", "DeleteRolePermissionsBoundary", json!({ "RoleName": released })),
        ("iam", "PutRolePermissionsBoundary", json!({ "RoleName": released, "PermissionsBoundary": ADMINISTRATOR })),
        (
            "iam",
            "CreatePolicyVersion",
            json!({ "PolicyArn": boundary(), "PolicyDocument": everything(), "SetAsDefault": true }),
        ),
        ("iam", "SetDefaultPolicyVersion", json!({ "PolicyArn": boundary(), "VersionId": "v1" })),
        ("iam", "DeletePolicy", json!({ "PolicyArn": boundary() })),
        ("iam", "CreatePolicy", json!({ "PolicyName": "own", "PolicyDocument": everything() })),
        ("iam", "CreateUser", json!({ "UserName": "own" })),
        ("iam", "CreateServiceLinkedRole", json!({ "AWSServiceName": "autoscaling.amazonaws.com" })),
        ("cloudformation", "UpdateStack", json!({ "StackName": PIPELINE_STACK, "UsePreviousTemplate": true })),
        ("cloudformation", "DeleteStack", json!({ "StackName": PIPELINE_STACK })),
        ("codebuild", "UpdateProject", json!({ "name": "shop-build", "timeoutInMinutes": 5 })),
    ];
    for logical_id in ["ExecutionRole", "BuildRole", "PipelineRole", "PushRole"] {
        let role = name(PIPELINE_STACK, logical_id).await?;
        attempts.extend([
            ("iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": ADMINISTRATOR })),
            ("iam", "PutRolePolicy", json!({ "RoleName": role, "PolicyName": "own", "PolicyDocument": everything() })),
            ("iam", "UpdateAssumeRolePolicy", json!({ "RoleName": role, "PolicyDocument": trust() })),
            ("iam", "PutRolePermissionsBoundary", json!({ "RoleName": role, "PermissionsBoundary": boundary() })),
            ("iam", "DeleteRole", json!({ "RoleName": role })),
        ]);
    }
    // A role outside the path, which the execution role could not have made, is passed to nothing.
    for role in [format!("arn:aws:iam::{ACCOUNT}:role/administrator"), ground.execution_role.clone()] {
        attempts.push(("lambda", "UpdateFunctionConfiguration", {
            json!({ "FunctionName": format!("{STACK}-contacts-api"), "Role": role })
        }));
    }
    Ok(attempts)
}

/// The calls that would touch the other application's resources.
fn trespasses() -> Vec<(&'static str, &'static str, Value)> {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
    let function = format!("{OTHER}--production-api");
    let role = format!("{OTHER}--production-role");
    vec![
        ("lambda", "DeleteFunction", json!({ "FunctionName": function })),
        ("lambda", "DeleteFunction", json!({ "FunctionName": format!("{OTHER}-api") })),
        ("lambda", "Invoke", json!({ "FunctionName": format!("CodeDeployHook_{OTHER}--production_pre-traffic") })),
        ("dynamodb", "DeleteTable", json!({ "TableName": format!("{OTHER}--production-table") })),
        ("sns", "DeleteTopic", json!({ "TopicArn": arn("sns", &format!("{OTHER}--production-releases")) })),
        ("ssm", "PutParameter", {
            json!({ "Name": format!("/slipway/{OTHER}/production/x"), "Value": "x", "Type": "String" })
        }),
        ("events", "DeleteRule", json!({ "Name": format!("{OTHER}--production-rule") })),
        ("monitoring", "DeleteAlarms", json!({ "AlarmNames": [format!("{OTHER}--production-alarm")] })),
        ("logs", "DeleteLogGroup", json!({ "logGroupName": format!("/aws/lambda/{function}") })),
        ("codedeploy", "DeleteApplication", json!({ "applicationName": format!("{OTHER}--production-x") })),
        ("iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": ADMINISTRATOR })),
        ("iam", "DeleteRole", json!({ "RoleName": role })),
    ]
}

/// The other application's role, and an administrator's, both made by the operator.
async fn neighbours(ground: &Ground) -> Result<()> {
    let other = json!({
        "RoleName": format!("{OTHER}--production-role"), "Path": format!("/slipway/{OTHER}/"),
        "AssumeRolePolicyDocument": trust(), "PermissionsBoundary": boundary(),
    });
    ground.operator("iam", "CreateRole", other).await?;
    let administrator = json!({ "RoleName": "administrator", "AssumeRolePolicyDocument": trust() });
    ground.operator("iam", "CreateRole", administrator).await?;
    let attach = json!({ "RoleName": "administrator", "PolicyArn": ADMINISTRATOR });
    ground.operator("iam", "AttachRolePolicy", attach).await.map(|_| ())
}

/// The ARN of a role of a stack.
async fn arn_of(ground: &Ground, stack: &str, logical_id: &str) -> Result<String> {
    let role = json!({ "RoleName": ground.resource(stack, logical_id).await? });
    let role = ground.operator("iam", "GetRole", role).await?;
    Ok(role["Role"]["Arn"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_role_of_the_pipeline_or_of_a_release_makes_an_administrator() -> Result<()> {
    // The application's stack stands, made with the execution role alone: the honest release goes.
    let ground = Ground::with_application(&[]).await?;
    neighbours(&ground).await?;
    let mut attackers = vec![ground.execution_role.clone()];
    for logical_id in ["BuildRole", "PipelineRole", "PushRole"] {
        attackers.push(arn_of(&ground, PIPELINE_STACK, logical_id).await?);
    }
    for (logical_id, _) in ground.resources(STACK, "AWS::IAM::Role").await? {
        attackers.push(arn_of(&ground, STACK, &logical_id).await?);
    }
    let attempts = [attempts(&ground).await?, trespasses()].concat();
    let mut gone = Vec::new();
    for attacker in &attackers {
        for (service, operation, input) in &attempts {
            match ground.as_role(attacker, service, operation, input.clone()).await {
                Err(error) if error.message.contains("is not authorized to perform") => {}
                other => gone.push(format!("{attacker}: {service} {operation} {input}: {other:?}")),
            }
        }
    }
    ensure!(gone.is_empty(), "{}", gone.join("\n"));
    ground.plane.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_is_released_with_every_permission_has_those_of_the_boundary() -> Result<()> {
    let ground = Ground::with_application(&[]).await?;
    let role = json!({
        "RoleName": "shop--production-own", "Path": PATH, "AssumeRolePolicyDocument": trust(),
        "PermissionsBoundary": boundary(),
    });
    let made = ground.as_role(&ground.execution_role, "iam", "CreateRole", role).await?;
    let attach = json!({ "RoleName": "shop--production-own", "PolicyArn": ADMINISTRATOR });
    ground.as_role(&ground.execution_role, "iam", "AttachRolePolicy", attach).await?;
    let own = made["Role"]["Arn"].as_str().unwrap_or_default();
    for (service, operation, input) in [attempts(&ground).await?, trespasses()].concat() {
        let answer = ground.as_role(own, service, operation, input.clone()).await;
        let is_denied = answer.as_ref().is_err_and(|error| error.message.contains("is not authorized to perform"));
        ensure!(is_denied, "{service} {operation} {input}: {answer:?}");
    }
    let topic = ground.resource(STACK, "ReleasesTopic").await?;
    ground.as_role(own, "sns", "Publish", json!({ "TopicArn": topic, "Message": "hello" })).await?;
    ground.plane.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_with_an_administrator_is_not_released() -> Result<()> {
    let ground = Ground::with_pipeline().await?;
    let administrator = |template: &mut Value| {
        template["Resources"]["Administrator"] = json!({ "Type": "AWS::IAM::Role", "Properties": {
            "Path": PATH, "ManagedPolicyArns": [ADMINISTRATOR],
            "AssumeRolePolicyDocument": serde_json::from_str::<Value>(&trust()).unwrap(),
        } });
    };
    ground.release(administrator, &[]).await?;
    ensure!(ground.settled(STACK).await == "ROLLBACK_COMPLETE");
    let why = ground.why(STACK).await?;
    ensure!(why.contains("is not authorized to perform: iam:CreateRole"), "{why}");
    ground.plane.shutdown().await;
    Ok(())
}
