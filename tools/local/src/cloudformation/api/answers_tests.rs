//! The answers of AWS, to the letter, where its own answers were recorded.

use serde_json::{Value, json};

use super::tests::{TWO, created, value};
use crate::cloudformation::world::World;

/// Makes a change set of the stack `s`, and describes it.
async fn change_set(world: &World, mut input: Value) -> Value {
    input["StackName"] = json!("s");
    input["ChangeSetName"] = json!("c");
    world.ok("CreateChangeSet", input).await;
    world.ok("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await
}

/// The details of the change of a resource: attribute, name, evaluation, source, cause.
fn details(described: &Value, id: &str) -> Vec<String> {
    let mut changes = described["Changes"].as_array().unwrap().iter().map(|change| &change["ResourceChange"]);
    let change = changes.rfind(|change| change["LogicalResourceId"] == id).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let detail = |one: &Value| {
        let target = &one["Target"];
        let parts =
            [&target["Attribute"], &target["Name"], &one["Evaluation"], &one["ChangeSource"], &one["CausingEntity"]];
        parts.map(text).join(" ")
    };
    change["Details"].as_array().unwrap().iter().map(detail).collect()
}

#[tokio::test]
async fn every_event_of_a_resource_shows_its_properties_and_has_a_time_of_its_own() {
    let world = created(TWO).await;
    let events = world.ok("DescribeStackEvents", json!({ "StackName": "s" })).await;
    let events = events["StackEvents"].as_array().unwrap();
    let of_a: Vec<&Value> = events.iter().filter(|event| event["LogicalResourceId"] == "A").collect();
    assert_eq!(of_a.len(), 3);
    assert!(of_a.iter().all(|event| event["ResourceProperties"] == r#"{"Value":"one"}"#), "{of_a:?}");
    assert!(of_a[0]["EventId"].as_str().unwrap().starts_with("A-CREATE_COMPLETE-20"), "{}", of_a[0]);
    let times: Vec<f64> = events.iter().map(|event| event["Timestamp"].as_f64().unwrap()).collect();
    assert!(times.is_sorted_by(|later, earlier| later > earlier), "{times:?}");
}

#[tokio::test]
async fn an_update_without_capabilities_keeps_them_shown_and_forgets_the_change_set() {
    let world = World::new();
    let acknowledged = json!(["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"]);
    let input = json!({
        "StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": TWO,
        "Capabilities": acknowledged,
    });
    let id = world.ok("CreateChangeSet", input).await["Id"].clone();
    world.ok("ExecuteChangeSet", json!({ "ChangeSetName": id })).await;
    world.until("s", "CREATE_COMPLETE").await;
    assert_eq!(world.stack().await.get("ChangeSetId"), Some(&id));
    let nothing = json!({
        "StackName": "s", "ChangeSetName": "d", "UsePreviousTemplate": true, "Capabilities": ["CAPABILITY_IAM"],
    });
    world.ok("CreateChangeSet", nothing).await;
    let described = world.ok("DescribeChangeSet", json!({ "StackName": "s", "ChangeSetName": "d" })).await;
    let (status, shown) = (&described["Status"], &described["Capabilities"]);
    assert_eq!((status, shown), (&json!("FAILED"), &json!(["CAPABILITY_IAM"])));
    let update = json!({ "StackName": "s", "UsePreviousTemplate": true, "Parameters": value("two") });
    world.ok("UpdateStack", update).await;
    world.until("s", "UPDATE_COMPLETE").await;
    let stack = world.stack().await;
    assert_eq!((stack.get("ChangeSetId"), stack.get("Capabilities")), (None, Some(&acknowledged)));
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
}

#[tokio::test]
async fn a_resource_that_is_not_there_is_named_as_the_request_names_the_stack() {
    let world = created(TWO).await;
    let ask = |stack: &str| json!({ "StackName": stack, "LogicalResourceId": "Gone" });
    let refused = world.refused("DescribeStackResource", ask("s")).await;
    assert_eq!(refused, "Resource Gone does not exist for stack s");
    let refused = world.refused("DescribeStackResource", ask("t")).await;
    assert_eq!(refused, "Stack 't' does not exist");
}

#[tokio::test]
async fn a_parameter_is_told_as_the_cause_in_properties_and_metadata_alike() {
    let template = TWO.replace("A: {Type: Test::Thing,", "A: {Type: Test::Thing, Metadata: {M: !Ref Value},");
    let world = created(&template).await;
    let shown = world.ok("DescribeStackResource", json!({ "StackName": "s", "LogicalResourceId": "A" })).await;
    assert_eq!(shown["StackResourceDetail"]["Metadata"], r#"{"M":"one"}"#);
    let described = change_set(&world, json!({ "TemplateBody": template, "Parameters": value("two") })).await;
    let expected = [
        "Metadata - Static ParameterReference Value",
        "Properties Value Static ParameterReference Value",
        "Metadata - Dynamic DirectModification -",
        "Properties Value Dynamic DirectModification -",
    ];
    assert_eq!(details(&described, "A"), expected);
    assert_eq!(described["Changes"][0]["ResourceChange"]["Scope"], json!(["Metadata", "Properties"]));
}

#[tokio::test]
async fn a_parameter_that_comes_with_another_text_is_told_beside_it() {
    let world = created("Resources:\n  A: {Type: Test::Thing, Properties: {Value: x}}\n").await;
    let described = change_set(&world, json!({ "TemplateBody": TWO })).await;
    let expected =
        ["Properties Value Static ParameterReference Value", "Properties Value Dynamic DirectModification -"];
    assert_eq!(details(&described, "A"), expected);
}

#[tokio::test]
async fn what_depends_on_a_replacement_is_certain_to_change() {
    let template = "
Resources:
  A: {Type: Test::Thing, Properties: {Name: first, Value: x}}
  B: {Type: Test::Thing, Properties: {Value: !Ref A, Other: !GetAtt A.Arn}}
";
    let world = created(template).await;
    let described = change_set(&world, json!({ "TemplateBody": template.replace("first", "second") })).await;
    let expected = ["Properties Other Static ResourceAttribute A.Arn", "Properties Value Static ResourceReference A"];
    assert_eq!(details(&described, "B"), expected);
    assert_eq!(described["Changes"][1]["ResourceChange"]["Replacement"], "False");
}

#[tokio::test]
async fn a_stack_may_be_made_without_resources() {
    let world = World::new();
    let template = "
Conditions: {Never: !Equals [a, b]}
Resources:
  A: {Type: Test::Thing, Condition: Never}
";
    let described = change_set(&world, json!({ "ChangeSetType": "CREATE", "TemplateBody": template })).await;
    assert_eq!((&described["Status"], &described["Changes"]), (&json!("CREATE_COMPLETE"), &json!([])));
    world.ok("ExecuteChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    world.until("s", "CREATE_COMPLETE").await;
    let output = format!("{template}Outputs:\n  O: {{Value: !Ref A}}\n");
    let refused = world.refused("CreateStack", json!({ "StackName": "t", "TemplateBody": output })).await;
    assert_eq!(refused, "Unresolved resource dependencies [A] in the Outputs block of the template");
}

#[tokio::test]
async fn policies_may_be_computed_and_writing_one_out_is_an_update() {
    let template = "
Parameters: {Keep: {Type: String}}
Conditions: {Kept: !Equals [!Ref Keep, 'yes']}
Resources:
  A: {Type: Test::Thing, DeletionPolicy: !If [Kept, Retain, Delete], Properties: {Value: x}}
";
    let world = World::new();
    let keep = |value: &str| json!([{ "ParameterKey": "Keep", "ParameterValue": value }]);
    let create = |value: &str, body: &str| json!({ "StackName": "s", "TemplateBody": body, "Parameters": keep(value) });
    let wrong = template.replace("Retain, Delete", "Retain, Drop");
    let refused = world.refused("CreateStack", create("no", &wrong)).await;
    assert_eq!(refused, "Template format error: Unrecognized DeletionPolicy Drop for resource A");
    world.ok("CreateStack", create("yes", template)).await;
    world.until("s", "CREATE_COMPLETE").await;
    let written = template.replace("DeletionPolicy:", "UpdateReplacePolicy: Delete, DeletionPolicy:");
    world.ok("UpdateStack", create("yes", &written)).await;
    world.until("s", "UPDATE_COMPLETE").await;
    let id = world.stack().await.get("StackId").unwrap().as_str().unwrap().to_owned();
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
    world.until(&id, "DELETE_COMPLETE").await;
    assert_eq!(world.things.all().len(), 1);
}

#[tokio::test]
async fn a_transform_of_a_part_is_not_run_and_named() {
    let template = "
Resources:
  A:
    Type: Test::Thing
    Properties:
      Fn::Transform: {Name: AWS::Include}
";
    let create = json!({ "StackName": "s", "TemplateBody": template });
    let error = World::new().call("CreateStack", create).await.unwrap_err();
    assert!(
        error.is("NotImplemented") && error.message.contains(r#"Fn::Transform of "AWS::Include" (line 6)"#),
        "{error}"
    );
}

#[tokio::test]
async fn a_change_set_speaks_of_the_parameter_whose_ssm_parameter_is_not_there() {
    let template = "
Parameters: {Input: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /gone}}
Resources:
  A: {Type: Test::Thing, Properties: {Value: !Ref Input}}
";
    let world = World::new();
    let input = json!({ "StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": template });
    let refused = world.refused("CreateChangeSet", input).await;
    assert_eq!(refused, "Parameter Input should either have input value or default value");
    let refused = world.refused("CreateStack", json!({ "StackName": "s", "TemplateBody": template })).await;
    assert_eq!(refused, "Unable to fetch parameters [/gone] from parameter store for this account.");
}

#[tokio::test]
async fn json_that_is_none_is_refused_with_the_place_behind_the_letter() {
    let refused =
        World::new().refused("ValidateTemplate", json!({ "TemplateBody": r#"{"this is invalid"="x"}"# })).await;
    assert_eq!(refused, "Template format error: JSON not well-formed. (line 1, column 20)");
    let refused = World::new().refused("ValidateTemplate", json!({ "TemplateBody": "https://bucket/key" })).await;
    assert_eq!(refused, "Template format error: unsupported structure.");
}

#[tokio::test]
async fn values_are_shown_before_and_after_and_secrets_are_not() {
    let template = "
Parameters: {Secret: {Type: String, NoEcho: true}}
Resources:
  A: {Type: Test::Thing, Properties: {Name: first, Value: x, Other: !Ref Secret}}
  B: {Type: Test::Thing, Properties: {Value: !Ref A}}
  C: {Type: Test::Thing, Properties: {Value: old, Stay: y}}
  D: {Type: Test::Thing, Properties: {Value: !GetAtt C.Value}}
";
    let world = World::new();
    let secret = json!([{ "ParameterKey": "Secret", "ParameterValue": "hush" }]);
    world.ok("CreateStack", json!({ "StackName": "s", "TemplateBody": template, "Parameters": secret })).await;
    world.until("s", "CREATE_COMPLETE").await;
    let new = template.replace("first", "second").replace("Value: old, Stay: y", "Value: new");
    change_set(&world, json!({ "TemplateBody": new, "Parameters": secret })).await;
    let ask = json!({ "StackName": "s", "ChangeSetName": "c", "IncludePropertyValues": true });
    let described = world.ok("DescribeChangeSet", ask).await;
    let changes: Vec<&Value> =
        described["Changes"].as_array().unwrap().iter().map(|change| &change["ResourceChange"]).collect();
    let ids: Vec<&Value> = changes.iter().map(|change| &change["LogicalResourceId"]).collect();
    // A resource that only depends on an update in place may stay as it is.
    assert_eq!(ids, ["A", "C", "B"]);
    let context =
        |change: &Value, member: &str| serde_json::from_str::<Value>(change[member].as_str().unwrap()).unwrap();
    let hidden = json!({ "Properties": { "Name": "second", "Value": "x", "Other": "****" } });
    assert_eq!(context(changes[0], "AfterContext"), hidden);
    let later = "{{changeSet:KNOWN_AFTER_APPLY}}";
    assert_eq!(context(changes[2], "AfterContext"), json!({ "Properties": { "Value": later } }));
    let target = |index: usize, detail: usize| changes[index]["Details"][detail]["Target"].clone();
    let expected = json!({
        "Attribute": "Properties", "Name": "Stay", "RequiresRecreation": "Never", "Path": "/Properties/Stay",
        "AttributeChangeType": "Remove", "BeforeValue": "y",
    });
    assert_eq!(target(1, 0), expected);
    assert_eq!((&target(1, 1)["BeforeValue"], &target(1, 1)["AfterValue"]), (&json!("old"), &json!("new")));
    let of_b = ["Properties Value Static ResourceReference A", "Properties Value Dynamic DirectModification -"];
    assert_eq!(details(&described, "B"), of_b);
}

#[tokio::test]
async fn the_name_of_an_executed_change_set_is_free_again() {
    let world = World::new();
    let first = change_set(&world, json!({ "ChangeSetType": "CREATE", "TemplateBody": TWO })).await;
    world.ok("ExecuteChangeSet", json!({ "StackName": "s", "ChangeSetName": "c" })).await;
    world.until("s", "CREATE_COMPLETE").await;
    let update = json!({ "UsePreviousTemplate": true, "Parameters": value("two") });
    let second = change_set(&world, update.clone()).await;
    assert_eq!(second["ExecutionStatus"], "AVAILABLE");
    assert_ne!(first["ChangeSetId"], second["ChangeSetId"]);
    let mut again = update;
    (again["StackName"], again["ChangeSetName"]) = (json!("s"), json!("c"));
    assert!(world.call("CreateChangeSet", again).await.unwrap_err().is("AlreadyExistsException"));
}

#[tokio::test]
async fn another_value_behind_an_ssm_parameter_is_a_modification_of_its_own() {
    let template = "
Parameters: {Input: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}}
Resources:
  A: {Type: Test::Thing, Properties: {Value: !Ref Input}}
Outputs:
  O: {Value: !Ref A}
";
    let world = World::new();
    let hold = |text: &str| world.things.ssm.lock().unwrap().insert("/a".to_owned(), text.to_owned());
    hold("one");
    world.ok("CreateStack", json!({ "StackName": "s", "TemplateBody": template })).await;
    world.until("s", "CREATE_COMPLETE").await;
    hold("two");
    let described = change_set(&world, json!({ "UsePreviousTemplate": true })).await;
    assert_eq!(details(&described, "A"), ["Properties Value Static DirectModification -"]);
    let id = world.stack().await.get("StackId").unwrap().clone();
    world.ok("DeleteStack", json!({ "StackName": "s" })).await;
    world.until(id.as_str().unwrap(), "DELETE_COMPLETE").await;
    let gone = world.ok("DescribeStacks", json!({ "StackName": id })).await;
    assert_eq!(gone["Stacks"][0]["Outputs"][0]["OutputKey"], "O");
}
