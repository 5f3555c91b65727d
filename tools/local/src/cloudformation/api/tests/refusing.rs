//! Templates that are refused before anything is done, and what has to be acknowledged.

use super::*;

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
    // Any other change of the resource brings the new value with it.
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
