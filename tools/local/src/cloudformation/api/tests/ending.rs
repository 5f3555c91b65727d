//! Cancelled updates, deletions and exports in use.

use super::*;

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
