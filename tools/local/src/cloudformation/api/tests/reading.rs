//! Values from elsewhere, reviewed stacks, and templates read back.

use super::*;

#[tokio::test]
async fn values_come_from_ssm_and_templates_from_s3() {
    let world = World::new();
    world
        .things
        .ssm
        .lock()
        .unwrap()
        .extend([("/a".to_owned(), "from-a".to_owned()), ("/b:2".to_owned(), "b2".to_owned())]);
    let template = "
Parameters:
  A: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}
Resources:
  T: {Type: Test::Thing, Properties: {Value: !Sub '${A}-{{resolve:ssm:/b:2}}'}}
";
    let object = StoredObject { body: template.as_bytes().to_vec().into(), ..StoredObject::default() };
    world.hub.objects().unwrap().create_bucket("templates").await.unwrap();
    world.hub.objects().unwrap().put("templates", "t.yaml", object).await.unwrap();
    let url = format!("{}/templates/t.yaml", world.hub.endpoint);
    world.ok("CreateStack", json!({ "StackName": "s", "TemplateURL": url, "NotificationARNs": ["arn:topic"] })).await;
    world.until("s", "CREATE_COMPLETE").await;
    assert_eq!(world.things.values()["T"], "from-a-b2");
    assert_eq!(world.stack().await.list("Parameters")[0]["ResolvedValue"], "from-a");
    let told = || world.things.messages.lock().unwrap().clone();
    let events = world.events("s").await;
    while told().len() < events.len() {
        tokio::task::yield_now().await;
    }
    let messages = told();
    assert_eq!(messages[0]["TopicArn"], "arn:topic");
    assert!(messages[0]["Message"].as_str().unwrap().contains("ResourceStatus='CREATE_IN_PROGRESS'\n"));
    let world = &world;
    let refused = |url: String| async move {
        world.refused("CreateStack", json!({ "StackName": "x", "TemplateURL": url })).await
    };
    let missing = refused(url.replace("t.yaml", "none")).await;
    assert!(missing.starts_with("S3 error: "), "{missing}");
    let scheme = refused("s3://templates/t.yaml".to_owned()).await;
    assert_eq!(scheme, "S3 error: Domain name specified in templates is not a valid S3 domain");
    let nowhere = refused("https://example.com/a/b".to_owned()).await;
    assert_eq!(nowhere, "TemplateURL must be a supported URL.");
}

#[tokio::test]
async fn a_reviewed_stack_is_created_by_its_change_set() {
    let world = World::new();
    let input = json!({ "StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": TWO });
    let made = world.ok("CreateChangeSet", input.clone()).await;
    assert_eq!(world.stack().await.str("StackStatus").unwrap(), "REVIEW_IN_PROGRESS");
    assert_eq!(world.call("CreateChangeSet", input).await.unwrap_err().code, "AlreadyExistsException");
    let described = world.ok("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    assert_eq!(described["Changes"].as_array().unwrap().len(), 2);
    world.ok("ExecuteChangeSet", json!({ "ChangeSetName": made["Id"] })).await;
    world.until("s", "CREATE_COMPLETE").await;
    let update = json!({ "StackName": "n", "ChangeSetName": "c", "TemplateBody": TWO });
    assert_eq!(world.refused("CreateChangeSet", update).await, "Stack [n] does not exist");
    let again = json!({ "StackName": "s", "ChangeSetName": "d", "ChangeSetType": "CREATE", "TemplateBody": TWO });
    assert_eq!(
        world.refused("CreateChangeSet", again).await,
        "Stack [s] already exists and cannot be created again with the changeSet [d]."
    );
    let none = world.call("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "x" })).await.unwrap_err();
    assert_eq!((none.code.as_str(), none.status), ("ChangeSetNotFound", 404));
}

#[tokio::test]
async fn a_stack_that_is_being_created_can_be_deleted() {
    let world = World::new();
    let input = json!({ "StackName": "s", "TemplateBody": TWO, "Parameters": value("slow") });
    let id = world.ok("CreateStack", input).await["StackId"].as_str().unwrap().to_owned();
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
    world.until(&id, "DELETE_COMPLETE").await;
    assert!(world.things.all().is_empty());
    assert!(world.events(&id).await.contains(&"A CREATE_FAILED Resource creation cancelled".to_owned()));
}

#[tokio::test]
async fn templates_are_read_back_validated_and_summarized() {
    let world = created(TWO).await;
    let template = world.ok("GetTemplate", json!({ "StackName": "s", "TemplateStage": "Original" })).await;
    assert_eq!(template["TemplateBody"], TWO);
    let valid = world.ok("ValidateTemplate", json!({ "TemplateBody": TWO })).await;
    assert_eq!(valid["Parameters"][0]["DefaultValue"], "one");
    let summary = world.ok("GetTemplateSummary", json!({ "StackName": "s" })).await;
    assert_eq!(summary["ResourceTypes"], json!(["Test::Thing"]));
    let error = world.call("DetectStackDrift", json!({ "StackName": "s" })).await.unwrap_err();
    assert!(error.is("NotImplemented") && error.message.contains("cloudformation:DetectStackDrift"), "{error}");
}

#[tokio::test]
async fn a_transform_that_fails_fails_the_change_set() {
    let world = World::new();
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Colour: red}\n";
    let input = json!({ "StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": template });
    world.ok("CreateChangeSet", input).await;
    let described = world.ok("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    assert_eq!((&described["Status"], &described["ExecutionStatus"]), (&json!("FAILED"), &json!("UNAVAILABLE")));
    let reason = described["StatusReason"].as_str().unwrap();
    let beginning =
        "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document.";
    assert!(reason.starts_with(beginning) && reason.contains("[F] is invalid. "), "{reason}");
    let direct = world.call("CreateStack", json!({ "StackName": "d", "TemplateBody": template })).await.unwrap_err();
    assert_eq!(direct.message, "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
}
