//! CloudFormation through the AWS CLI.

use slipway_local::{Plane, PlaneOptions};
use slipway_tests::Aws;

const TEMPLATE: &str = "\
Parameters:
  Value: { Type: String, Default: one }
Resources:
  Setting:
    Type: AWS::SSM::Parameter
    Properties: { Name: /stack/setting, Type: String, Value: !Ref Value }
  Copy:
    Type: AWS::SSM::Parameter
    Properties: { Name: /stack/copy, Type: String, Value: !Sub '${Setting} of ${AWS::StackName}' }
Outputs:
  Name: { Value: !Ref Setting, Export: { Name: setting-name } }
";

#[tokio::test]
async fn a_change_set_shows_what_it_does_and_a_second_one_has_nothing_to_do() {
    let plane = Plane::start(PlaneOptions { time_scale: 20.0, ..PlaneOptions::default() }).await.unwrap();
    let aws = Aws::at(plane.endpoint());
    let create = |name: &'static str, kind: &'static str, parameters: &'static str| {
        [
            "cloudformation",
            "create-change-set",
            "--stack-name",
            "s",
            "--change-set-name",
            name,
            "--change-set-type",
            kind,
            "--template-body",
            TEMPLATE,
            "--parameters",
            parameters,
        ]
    };
    let of = |verb: &'static str, name: &'static str| {
        ["cloudformation", verb, "--stack-name", "s", "--change-set-name", name]
    };
    aws.ok(&create("first", "CREATE", "ParameterKey=Value,ParameterValue=one")).await;
    let wait =
        ["cloudformation", "wait", "change-set-create-complete", "--stack-name", "s", "--change-set-name", "first"];
    aws.ok(&wait).await;
    let described = aws.ok(&of("describe-change-set", "first")).await;
    assert_eq!(described["Changes"].as_array().unwrap().len(), 2);
    aws.ok(&of("execute-change-set", "first")).await;
    let stack = slipway_tests::eventually("the stack stands", async || {
        let stack = aws.ok(&["cloudformation", "describe-stacks", "--stack-name", "s"]).await;
        (stack["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE").then_some(stack)
    })
    .await;
    assert_eq!(stack["Stacks"][0]["Outputs"][0]["OutputValue"], "/stack/setting");
    let copy = aws.ok(&["ssm", "get-parameter", "--name", "/stack/copy"]).await;
    assert_eq!(copy["Parameter"]["Value"], "/stack/setting of s");

    aws.ok(&create("same", "UPDATE", "ParameterKey=Value,ParameterValue=one")).await;
    let same = change_set(&aws, "same", "FAILED").await;
    assert!(same["StatusReason"].as_str().unwrap().contains("didn't contain changes"));

    aws.ok(&create("other", "UPDATE", "ParameterKey=Value,ParameterValue=two")).await;
    let changed = change_set(&aws, "other", "CREATE_COMPLETE").await;
    let change = &changed["Changes"][0]["ResourceChange"];
    assert_eq!(
        (&change["Action"], &change["LogicalResourceId"], &change["Replacement"]),
        (&"Modify".into(), &"Setting".into(), &"False".into())
    );
    aws.ok(&["cloudformation", "delete-stack", "--stack-name", "s"]).await;
    slipway_tests::eventually("the stack is gone", async || {
        aws.run(&["cloudformation", "describe-stacks", "--stack-name", "s"]).await.err()
    })
    .await;
    assert!(aws.refused(&["ssm", "get-parameter", "--name", "/stack/copy"]).await.contains("ParameterNotFound"));
    plane.shutdown().await;
}

/// The change set, once it is made, and as it should be.
async fn change_set(aws: &Aws, name: &str, status: &str) -> serde_json::Value {
    let words = ["cloudformation", "describe-change-set", "--stack-name", "s", "--change-set-name", name];
    let described = slipway_tests::eventually("the change set is made", async || {
        let described = aws.ok(&words).await;
        (described["Status"] != "CREATE_IN_PROGRESS" && described["Status"] != "CREATE_PENDING").then_some(described)
    })
    .await;
    assert_eq!(described["Status"], status, "{described}");
    described
}

#[tokio::test]
async fn a_template_with_a_fault_is_refused_by_line_before_anything_is_made() {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let aws = Aws::at(plane.endpoint());
    let unsupported = "Resources:\n  Fine:\n    Type: AWS::SNS::Topic\n  Broker:\n    Type: AWS::AmazonMQ::Broker\n";
    for (template, code, words) in [
        ("Resources:\n  A: [unclosed\n", "ValidationError", "line"),
        (unsupported, "NotImplemented", "line 4"),
        (
            "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      Nonsense: 1\n",
            "ValidationError",
            "Nonsense",
        ),
    ] {
        let refused =
            aws.refused(&["cloudformation", "create-stack", "--stack-name", "s", "--template-body", template]).await;
        assert!(refused.contains(code) && refused.contains(words), "{refused}");
    }
    assert!(aws.ok(&["sns", "list-topics"]).await["Topics"].as_array().is_none_or(Vec::is_empty));
    plane.shutdown().await;
}
