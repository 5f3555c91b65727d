//! The API over a real driver, with a resource type that only tests have.

use serde_json::{Value, json};

use crate::cloudformation::world::World;
use crate::core::StoredObject;

pub(super) const TWO: &str = "
Parameters:
  Value: {Type: String, Default: one}
Resources:
  A: {Type: Test::Thing, Properties: {Value: !Ref Value}}
  B: {Type: Test::Thing, Properties: {Value: !Sub '${A.Value}-b'}}
Outputs:
  Arn: {Value: !GetAtt A.Arn, Description: of A, Export: {Name: !Sub '${AWS::StackName}-arn'}}
";

pub(super) fn value(value: &str) -> Value {
    json!([{ "ParameterKey": "Value", "ParameterValue": value }])
}

/// A world whose stack `s` is made of `template`.
pub(super) async fn created(template: &str) -> World {
    let world = World::new();
    world.ok("CreateStack", json!({ "StackName": "s", "TemplateBody": template })).await;
    world.until("s", "CREATE_COMPLETE").await;
    world
}

#[tokio::test]
async fn a_stack_is_created_in_the_order_of_its_references() {
    let world = created(TWO).await;
    let events = world.events("s").await;
    assert_eq!(
        events,
        [
            "s CREATE_IN_PROGRESS User Initiated",
            "A CREATE_IN_PROGRESS",
            "A CREATE_IN_PROGRESS Resource creation Initiated",
            "A CREATE_COMPLETE",
            "B CREATE_IN_PROGRESS",
            "B CREATE_IN_PROGRESS Resource creation Initiated",
            "B CREATE_COMPLETE",
            "s CREATE_COMPLETE",
        ]
    );
    let stack = world.stack().await;
    let output = &stack.list("Outputs")[0];
    assert_eq!(output["OutputValue"], "arn:A-1");
    assert_eq!(output["ExportName"], "s-arn");
    assert_eq!(world.things.values()["B"], "one-b");
    let resources = world.ok("DescribeStackResources", json!({ "StackName": "s" })).await;
    assert_eq!(resources["StackResources"][1]["PhysicalResourceId"], "B-2");
}

#[tokio::test]
async fn a_change_set_shows_what_executing_it_does() {
    let world = created(TWO).await;
    let input = json!({
        "StackName": "s", "ChangeSetName": "c", "UsePreviousTemplate": true, "Parameters": value("two"),
    });
    let id = world.ok("CreateChangeSet", input).await["Id"].clone();
    let described = world.ok("DescribeChangeSet", json!({ "ChangeSetName": id })).await;
    assert_eq!(described["Status"], "CREATE_COMPLETE");
    assert_eq!(described["ExecutionStatus"], "AVAILABLE");
    let change = &described["Changes"][0]["ResourceChange"];
    assert_eq!(change["Action"], "Modify");
    assert_eq!(change["PhysicalResourceId"], "A-1");
    assert_eq!(change["Replacement"], "False");
    let target = json!({ "Attribute": "Properties", "Name": "Value", "RequiresRecreation": "Never" });
    let expected = json!([
        {
            "Target": target, "Evaluation": "Static", "ChangeSource": "ParameterReference",
            "CausingEntity": "Value",
        },
        { "Target": target, "Evaluation": "Dynamic", "ChangeSource": "DirectModification" },
    ]);
    assert_eq!(change["Details"], expected);
    let dependent = &described["Changes"][1]["ResourceChange"]["Details"][0];
    assert_eq!(dependent["Evaluation"], "Dynamic");
    assert_eq!(dependent["CausingEntity"], "A.Value");
    world.ok("ExecuteChangeSet", json!({ "ChangeSetName": id, "ClientRequestToken": "t" })).await;
    // The same request again changes nothing.
    world.ok("ExecuteChangeSet", json!({ "ChangeSetName": id, "ClientRequestToken": "t" })).await;
    world.until("s", "UPDATE_COMPLETE").await;
    assert_eq!(world.things.values()["B"], "two-b");
    let described = world.ok("DescribeChangeSet", json!({ "ChangeSetName": id })).await;
    assert_eq!(described["ExecutionStatus"], "EXECUTE_COMPLETE");
    let again = world.call("ExecuteChangeSet", json!({ "ChangeSetName": id })).await.unwrap_err();
    assert_eq!(again.code, "InvalidChangeSetStatus");
    let events = world.ok("DescribeStackEvents", json!({ "StackName": "s" })).await;
    assert_eq!(events["StackEvents"][0]["ClientRequestToken"], "t");
}

#[tokio::test]
async fn a_change_set_without_changes_fails_in_awss_words() {
    let world = created(TWO).await;
    let input = json!({ "StackName": "s", "ChangeSetName": "c", "TemplateBody": TWO });
    world.ok("CreateChangeSet", input).await;
    let described = world.ok("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    assert_eq!(described["Status"], "FAILED");
    assert_eq!(
        described["StatusReason"],
        "The submitted information didn't contain changes. Submit different information to create a change set."
    );
    let refused = world.refused("UpdateStack", json!({ "StackName": "s", "TemplateBody": TWO })).await;
    assert_eq!(refused, "No updates are to be performed.");
}

#[tokio::test]
async fn a_change_of_outputs_alone_is_a_change() {
    let world = created(TWO).await;
    let input = json!({ "StackName": "s", "ChangeSetName": "c", "TemplateBody": TWO.replace("of A", "of all") });
    world.ok("CreateChangeSet", input).await;
    let described = world.ok("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    assert_eq!((&described["Status"], &described["Changes"]), (&json!("CREATE_COMPLETE"), &json!([])));
    world.ok("ExecuteChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    world.until("s", "UPDATE_COMPLETE").await;
    assert_eq!(world.stack().await.list("Outputs")[0]["Description"], "of all");
}

#[tokio::test]
async fn a_replacement_makes_the_new_updates_dependents_and_deletes_the_old() {
    let template = "
Resources:
  A: {Type: Test::Thing, Properties: {Name: first, Value: x}}
  B: {Type: Test::Thing, Properties: {Value: !Ref A}}
";
    let world = created(template).await;
    let new = template.replace("first", "second");
    let input = json!({ "StackName": "s", "ChangeSetName": "c", "TemplateBody": new });
    world.ok("CreateChangeSet", input).await;
    let described = world.ok("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    assert_eq!(described["Changes"][0]["ResourceChange"]["Replacement"], "True");
    assert_eq!(described["Changes"][1]["ResourceChange"]["Details"][0]["ChangeSource"], "ResourceReference");
    world.ok("ExecuteChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    world.until("s", "UPDATE_COMPLETE").await;
    let things = world.things.all();
    assert_eq!(things.keys().collect::<Vec<_>>(), ["A-3", "B-2"]);
    assert_eq!(things["B-2"]["Value"], "A-3");
    let events = world.events("s").await;
    let cleanup = events.iter().position(|event| event == "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS").unwrap();
    assert_eq!(events[cleanup + 1..], ["A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "s UPDATE_COMPLETE"]);
}

#[tokio::test]
async fn a_failed_creation_deletes_what_it_made() {
    let world = World::new();
    let input = json!({ "StackName": "s", "TemplateBody": TWO.replace("${A.Value}-b", "fail") });
    world.ok("CreateStack", input).await;
    world.until("s", "ROLLBACK_COMPLETE").await;
    assert!(world.things.all().is_empty());
    let events = world.events("s").await;
    assert!(
        events.iter().any(|event| event
            .starts_with("B CREATE_FAILED Resource handler returned message: \"it cannot be so\" (RequestToken: ")),
        "{events:#?}"
    );
    assert!(
        events.contains(
            &"s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B]. Rollback requested by user."
                .to_owned()
        ),
        "{events:#?}"
    );
    let refused = world.refused("UpdateStack", json!({ "StackName": "s", "TemplateBody": TWO })).await;
    assert!(refused.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."), "{refused}");
}

#[tokio::test]
async fn a_failed_update_is_undone_and_told() {
    let world = created(TWO).await;
    let before = world.things.all();
    let bad = TWO.replace("${A.Value}-b", "fail");
    world
        .ok(
            "UpdateStack",
            json!({ "StackName": "s", "TemplateBody": bad, "Parameters": value("two"), "ClientRequestToken": "t" }),
        )
        .await;
    world.until("s", "UPDATE_ROLLBACK_COMPLETE").await;
    assert_eq!(world.things.all(), before);
    let events = world.events("s").await;
    let rollback = "s UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [B].";
    assert!(events.contains(&rollback.to_owned()), "{events:#?}");
    assert_eq!(world.stack().await.list("Parameters")[0]["ParameterValue"], "one");
    let published = || world.things.events.lock().unwrap().clone();
    while published().len() < events.len() {
        tokio::task::yield_now().await;
    }
    let last = published().pop().unwrap();
    assert_eq!(
        (&last["Source"], &last["DetailType"]),
        (&json!("aws.cloudformation"), &json!("CloudFormation Stack Status Change"))
    );
    let detail: Value = serde_json::from_str(last["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail["status-details"]["status"], "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(detail["client-request-token"], "t");
    // And the stack can be updated afterwards.
    world.ok("UpdateStack", json!({ "StackName": "s", "UsePreviousTemplate": true, "Parameters": value("two") })).await;
    world.until("s", "UPDATE_COMPLETE").await;
}

#[tokio::test]
async fn an_update_can_be_cancelled_while_a_provider_works() {
    let world = created(TWO).await;
    let before = world.things.all();
    world
        .ok("UpdateStack", json!({ "StackName": "s", "UsePreviousTemplate": true, "Parameters": value("slow") }))
        .await;
    let busy = world.refused("UpdateStack", json!({ "StackName": "s", "TemplateBody": TWO })).await;
    assert!(busy.ends_with("is in UPDATE_IN_PROGRESS state and can not be updated."), "{busy}");
    let delete = world.refused("DeleteStack", json!({ "StackName": "s" })).await;
    assert!(delete.ends_with("cannot be deleted while in status UPDATE_IN_PROGRESS"), "{delete}");
    world.ok("CancelUpdateStack", json!({ "StackName": "s" })).await;
    world.until("s", "UPDATE_ROLLBACK_COMPLETE").await;
    assert_eq!(world.things.all(), before);
    assert!(world.events("s").await.contains(&"A UPDATE_FAILED Resource update cancelled".to_owned()));
    let refused = world.refused("CancelUpdateStack", json!({ "StackName": "s" })).await;
    assert_eq!(refused, "CancelUpdateStack cannot be called from current stack status");
}

#[tokio::test]
async fn a_stack_is_deleted_in_reverse_order_and_keeps_what_is_retained() {
    let template = TWO.replace("A: {Type: Test::Thing,", "A: {Type: Test::Thing, DeletionPolicy: Retain,");
    let world = created(&template).await;
    let id = world.stack().await.str("StackId").unwrap().to_owned();
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
    world.until(&id, "DELETE_COMPLETE").await;
    assert_eq!(world.things.all().keys().collect::<Vec<_>>(), ["A-1"]);
    let events = world.events(&id).await;
    assert_eq!(
        events[events.len() - 4..],
        ["B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "A DELETE_SKIPPED", "s DELETE_COMPLETE"]
    );
    let gone = world.refused("DescribeStacks", json!({ "StackName": "s" })).await;
    assert_eq!(gone, "Stack with id s does not exist");
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
}

#[tokio::test]
async fn a_deletion_that_fails_can_be_tried_again() {
    let world = created(TWO).await;
    world.things.stuck.lock().unwrap().insert("B".to_owned());
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
    world.until("s", "DELETE_FAILED").await;
    assert_eq!(
        world.stack().await.str("StackStatusReason").unwrap(),
        "The following resource(s) failed to delete: [B]. "
    );
    assert_eq!(world.things.all().len(), 2);
    let id = world.stack().await.str("StackId").unwrap().to_owned();
    world.ok("DeleteStack", json!({ "StackName": "s", "RetainResources": ["B"] })).await;
    world.until(&id, "DELETE_COMPLETE").await;
    assert_eq!(world.things.all().keys().collect::<Vec<_>>(), ["B-2"]);
}

#[tokio::test]
async fn an_export_in_use_can_be_neither_removed_nor_deleted() {
    let world = created(TWO).await;
    let importer = "Resources:\n  C: {Type: Test::Thing, Properties: {Value: !ImportValue s-arn}}\n";
    world.ok("CreateStack", json!({ "StackName": "i", "TemplateBody": importer })).await;
    world.until("i", "CREATE_COMPLETE").await;
    assert_eq!(world.things.values()["C"], "arn:A-1");
    let imports = world.ok("ListImports", json!({ "ExportName": "s-arn" })).await;
    assert_eq!(imports["Imports"], json!(["i"]));
    let without = TWO.split("Outputs").next().unwrap();
    world.ok("UpdateStack", json!({ "StackName": "s", "TemplateBody": without })).await;
    world.until("s", "UPDATE_ROLLBACK_COMPLETE").await;
    assert!(
        world
            .events("s")
            .await
            .iter()
            .any(|event| event.contains("Export s-arn cannot be deleted as it is in use by i"))
    );
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
    // The request is taken, and the stack stays what it is with the reason.
    assert_eq!(
        world.events("s").await.last().unwrap(),
        "s UPDATE_ROLLBACK_COMPLETE Export s-arn cannot be deleted as it is in use by i"
    );
    assert_eq!(world.things.all().len(), 3);
    let refused = world
        .refused("CreateStack", json!({ "StackName": "x", "TemplateBody": importer.replace("s-arn", "gone") }))
        .await;
    assert_eq!(refused, "No export named gone found.");
}

#[tokio::test]
async fn what_the_plane_does_not_run_is_refused_with_its_line_before_anything_is_done() {
    let world = World::new();
    let create = |body: String| json!({ "StackName": "s", "TemplateBody": body });
    let unknown = TWO.replace("B: {Type: Test::Thing", "B: {Type: AWS::SQS::Queue");
    let refused = world.refused("CreateStack", create(unknown.clone())).await;
    let expected =
        "the local plane does not run the resource type AWS::SQS::Queue (resource B, line 6); no work was done";
    assert_eq!(refused, expected);
    let none = TWO.replace("B: {Type: Test::Thing", "B: {Type: AWS::SQS::Que");
    let refused = world.refused("CreateStack", create(none)).await;
    assert_eq!(refused, "Template format error: Unrecognized resource types: [AWS::SQS::Que]");
    let change_set =
        json!({ "StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": unknown });
    assert!(world.refused("CreateChangeSet", change_set).await.contains("line 6"));
    let property = TWO.replace("Properties: {Value: !Sub", "Properties: {Colour: !Sub");
    let refused = world.refused("CreateStack", create(property)).await;
    assert_eq!(refused, "Encountered unsupported property Colour");
    let syntax = world.refused("CreateStack", create("Resources:\n  A: [\n".to_owned())).await;
    assert_eq!(syntax, "Template format error: YAML not well-formed. (line 3, column 1)");
    let hooks = world.call("CreateStack", create(format!("{TWO}Hooks: {{}}\n"))).await.unwrap_err();
    assert!(hooks.is("NotImplemented") && hooks.message.contains("Hooks (line "), "{hooks}");
    let macros =
        world.call("CreateStack", create(format!("Transform: AWS::LanguageExtensions\n{TWO}"))).await.unwrap_err();
    assert!(macros.is("NotImplemented") && macros.message.contains("AWS::LanguageExtensions (line 1)"), "{macros}");
    assert!(world.refused("DescribeStacks", json!({ "StackName": "s" })).await.contains("does not exist"));
    assert!(world.things.all().is_empty());
}

#[tokio::test]
async fn an_attribute_that_a_type_lacks_is_refused_before_anything_is_done() {
    let world = World::new();
    let create = |body: String| json!({ "StackName": "s", "TemplateBody": body });
    let refused = world.refused("CreateStack", create(TWO.replace("A.Arn", "A.Colour"))).await;
    let expected = "Template error: resource A does not support attribute type Colour in Fn::GetAtt";
    assert_eq!(refused, expected);
    let refused = world.refused("CreateStack", create(TWO.replace("${A.Value}", "${A.Colour}"))).await;
    assert!(refused.contains("instance of Fn::Sub references invalid resource attribute A.Colour"), "{refused}");
    let role = "Resources:\n  R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}\nOutputs:\n  O: {Value: !GetAtt R.RoleId}\n";
    let known = json!({ "StackName": "s", "TemplateBody": role, "Capabilities": ["CAPABILITY_IAM"] });
    let refused = world.call("CreateStack", known).await.unwrap_err();
    assert!(refused.is("NotImplemented") && refused.message.contains("attribute RoleId"), "{refused}");
    assert!(world.things.all().is_empty());
}

#[tokio::test]
async fn a_new_value_behind_a_dynamic_reference_is_no_update_by_itself() {
    let world = World::new();
    let set = |value: &str| world.things.ssm.lock().unwrap().insert("/a".to_owned(), value.to_owned());
    set("old");
    let template = "Resources:\n  A: {Type: Test::Thing, Properties: {Value: '{{resolve:ssm:/a}}'}}\nOutputs:\n  O: {Value: '{{resolve:ssm:/a}}'}\n";
    world.ok("CreateStack", json!({ "StackName": "s", "TemplateBody": template })).await;
    world.until("s", "CREATE_COMPLETE").await;
    set("new");
    for again in [json!({ "UsePreviousTemplate": true }), json!({ "TemplateBody": template })] {
        let mut input = again;
        input["StackName"] = json!("s");
        assert_eq!(world.refused("UpdateStack", input).await, "No updates are to be performed.");
    }
    assert_eq!(world.things.values()["A"], "old");
    // Whatever else changes the resource brings the new value with it.
    let other =
        template.replace("Value: '{{resolve:ssm:/a}}'}}\nOutputs", "Other: x, Value: '{{resolve:ssm:/a}}'}}\nOutputs");
    world.ok("UpdateStack", json!({ "StackName": "s", "TemplateBody": other })).await;
    world.until("s", "UPDATE_COMPLETE").await;
    assert_eq!(world.things.values()["A"], "new");
}

#[tokio::test]
async fn a_rule_whose_assertion_fails_refuses_the_operation() {
    let world = World::new();
    let rule = "Rules:\n  R: {Assertions: [{Assert: !Equals [!Ref Value, two], AssertDescription: only two}]}\n";
    let create =
        |value: Value| json!({ "StackName": "s", "TemplateBody": format!("{TWO}{rule}"), "Parameters": value });
    assert_eq!(world.refused("CreateStack", create(value("one"))).await, "only two");
    world.ok("CreateStack", create(value("two"))).await;
}

#[tokio::test]
async fn iam_resources_are_to_be_acknowledged() {
    let world = World::new();
    let template = "Resources:\n  R: {Type: AWS::IAM::Role, Properties: {RoleName: r, AssumeRolePolicyDocument: {}}}\n";
    let create = |capability: &str| json!({ "StackName": "s", "TemplateBody": template, "Capabilities": [capability] });
    let error = world.call("CreateStack", create("CAPABILITY_IAM")).await.unwrap_err();
    assert_eq!(error.code, "InsufficientCapabilitiesException");
    assert_eq!(error.message, "Requires capabilities : [CAPABILITY_NAMED_IAM]");
    world.ok("CreateStack", create("CAPABILITY_NAMED_IAM")).await;
}

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
