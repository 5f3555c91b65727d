//! Creation, change sets and updates of stacks.

use super::*;

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
