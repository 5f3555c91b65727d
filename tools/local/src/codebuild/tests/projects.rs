//! Projects and lists, and what they refuse.

use test_case::test_case;

use super::*;

#[test_case("/name", json!("a b"), "Only alphanumeric characters, dash, and underscore are supported"; "name")]
#[test_case("/name", json!("a"), "between 2 and 150"; "short name")]
#[test_case("/serviceRole", json!("arn:aws:iam::0000:role/x"), "Invalid service role"; "role that is none")]
#[test_case("/serviceRole", json!("role"), "Invalid service role"; "role without an ARN")]
#[test_case("/serviceRole", json!("arn:aws:iam::111111111111:role/x"), "Service role account ID does not match caller's account"; "role of another account")]
#[test_case("/source", json!({ "type": "SVN" }), "Invalid type provided: Project source type"; "source type")]
#[test_case("/source", json!({ "type": "S3" }), "Project source location is required"; "source without a place")]
#[test_case("/source", json!({ "type": "NO_SOURCE" }), "a buildspec is required"; "neither source nor buildspec")]
#[test_case("/source", json!({ "type": "CODEPIPELINE" }), "both be of type CODEPIPELINE"; "a pipeline on one side")]
#[test_case("/artifacts", json!({ "type": "NO_ARTIFACTS", "location": "b" }), "artifact type NO_ARTIFACTS should have null location"; "no artifacts somewhere")]
#[test_case("/artifacts", json!({ "type": "S3" }), "location is required"; "artifacts without a bucket")]
#[test_case("/artifacts", json!({ "type": "FTP" }), "Invalid type provided: Artifact type"; "artifact type")]
#[test_case("/environment/type", json!("BEOS"), "Invalid type provided: BEOS"; "environment type")]
#[test_case("/environment/computeType", json!("BUILD_LAMBDA_1GB"), "Invalid compute type provided: BUILD_LAMBDA_1GB"; "compute type")]
#[test_case("/timeoutInMinutes", json!(4), "timeoutInMinutes must be between 5 and 2160"; "too short")]
#[test_case("/queuedTimeoutInMinutes", json!(481), "queuedTimeoutInMinutes must be between 5 and 480"; "too long in the queue")]
#[test_case("/cache", json!({ "type": "LOCAL" }), "modes is a required field"; "local cache without modes")]
#[test_case("/secondarySources", json!([{ "type": "S3", "location": "b/k" }]), "sourceIdentifier must contain"; "source without a name")]
#[test_case("/tags", json!([{ "key": "aws:x", "value": "v" }]), "is no key of a tag"; "reserved tag")]
#[tokio::test]
async fn what_a_project_cannot_be_is_refused(member: &str, value: Value, message: &str) {
    let world = World::start().await;
    let mut project = a_project();
    world.ask("CreateProject", project.clone()).await.unwrap();
    world.ask("DeleteProject", json!({ "name": "app" })).await.unwrap();
    match project.pointer_mut(member) {
        Some(place) => *place = value,
        None => project[&member[1..]] = value,
    }
    let error = world.ask("CreateProject", project).await.unwrap_err();
    assert!(error.is("InvalidInputException") && error.message.contains(message), "{error}");
}

#[tokio::test]
async fn a_role_that_is_none_is_told_before_iam_is_asked_whether_it_may_be_passed() {
    let world = World::start().await;
    let mut project = a_project();
    project["serviceRole"] = "arn:aws:iam::0000:role/x".into();
    let error =
        world.hub.call_as(&crate::core::Caller::root(), "codebuild", "CreateProject", project).await.unwrap_err();
    assert!(error.is("InvalidInputException"), "{error}");
}

#[test_case("vpcConfig", json!({ "vpcId": "vpc-1" }); "network")]
#[test_case("badgeEnabled", json!(true); "badge")]
#[test_case("autoRetryLimit", json!(1); "retries")]
#[test_case("logsConfig", json!({ "s3Logs": { "status": "ENABLED", "location": "b/k" } }); "logs in a bucket")]
#[tokio::test]
async fn what_the_plane_does_not_run_is_refused_by_name(member: &str, value: Value) {
    let world = World::start().await;
    let mut project = a_project();
    project[member] = value;
    let error = world.ask("CreateProject", project).await.unwrap_err();
    assert!(error.is("NotImplemented"), "{error}");
    assert!(error.message.contains(member) || error.message.contains("s3Logs"), "{error}");
}

#[tokio::test]
async fn what_does_not_exist_is_told_in_codebuilds_words() {
    let world = World::start().await;
    let cases = [
        (
            "StartBuild",
            json!({ "projectName": "none" }),
            "ResourceNotFoundException",
            "Project cannot be found: arn:aws:codebuild:us-east-1:000000000000:project/none",
        ),
        (
            "ListBuildsForProject",
            json!({ "projectName": "none" }),
            "ResourceNotFoundException",
            "The provided project arn:aws:codebuild:us-east-1:000000000000:project/none does not exist",
        ),
        ("StopBuild", json!({ "id": "none:1" }), "ResourceNotFoundException", "Build none:1 does not exist"),
        ("StopBuild", json!({ "id": "none" }), "InvalidInputException", "Invalid build ID provided"),
        ("BatchGetBuilds", json!({ "ids": ["none"] }), "InvalidInputException", "Invalid build ID provided"),
        (
            "ListProjects",
            json!({ "nextToken": "x" }),
            "InvalidInputException",
            "Invalid input: nextToken is not one of this operation",
        ),
    ];
    for (operation, input, code, message) in cases {
        let error = world.ask(operation, input).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), (code, message), "{operation}");
    }
}

#[tokio::test]
async fn projects_are_listed_in_the_order_that_is_asked_for_and_in_pages() {
    let world = World::start().await;
    for number in (0..101).rev() {
        let mut project = a_project();
        project["name"] = json!(format!("p{number:03}"));
        world.ask("CreateProject", project).await.unwrap();
    }
    let first = world.ask("ListProjects", json!({ "sortOrder": "DESCENDING" })).await.unwrap();
    assert_eq!((&first["projects"][0], first["projects"].as_array().unwrap().len()), (&json!("p100"), 100));
    let input = json!({ "sortOrder": "DESCENDING", "nextToken": first["nextToken"] });
    assert_eq!(world.ask("ListProjects", input).await.unwrap()["projects"], json!(["p000"]));
    let by_time = world.ask("ListProjects", json!({ "sortBy": "CREATED_TIME" })).await.unwrap();
    assert_eq!(by_time["projects"][0], "p100");
}
