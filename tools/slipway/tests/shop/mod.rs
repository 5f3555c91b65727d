//! A plane with a stack of an application: a ledger, and an alarm that a deployment group reads.

use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};

fn stack() -> Value {
    let key = |name: &str, kind: &str| {
        (json!({ "AttributeName": name, "AttributeType": "S" }), json!({ "AttributeName": name, "KeyType": kind }))
    };
    let ((pk, hash), (sk, range)) = (key("pk", "HASH"), key("sk", "RANGE"));
    let role = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "codedeploy.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    json!({
        "Resources": {
            "Ledger": { "Type": "AWS::DynamoDB::Table", "Properties": {
                "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [pk, sk], "KeySchema": [hash, range] } },
            "Releases": { "Type": "AWS::DynamoDB::Table", "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [pk, sk, { "AttributeName": "enteredAt", "AttributeType": "N" }],
                "KeySchema": [hash, range],
                "LocalSecondaryIndexes": [{ "IndexName": "by-time", "Projection": { "ProjectionType": "ALL" },
                    "KeySchema": [hash, { "AttributeName": "enteredAt", "KeyType": "RANGE" }] }] } },
            "Slow": { "Type": "AWS::CloudWatch::Alarm", "Properties": {
                "Namespace": "shop", "MetricName": "Slow", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
                "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold" } },
            "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": role } },
            "Application": { "Type": "AWS::CodeDeploy::Application", "Properties": {
                "ApplicationName": "shop", "ComputePlatform": "Lambda" } },
            "Group": { "Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {
                "ApplicationName": { "Ref": "Application" }, "DeploymentGroupName": "orders",
                "ServiceRoleArn": { "Fn::GetAtt": ["Role", "Arn"] },
                "DeploymentStyle": { "DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL" },
                "AlarmConfiguration": { "Enabled": true, "Alarms": [{ "Name": { "Ref": "Slow" } }] } } },
        },
        "Outputs": {
            "ReleasesTableName": { "Value": { "Ref": "Releases" } },
            "LedgerName": { "Value": { "Ref": "Ledger" } },
            "Alarm": { "Value": { "Ref": "Slow" } },
        },
    })
}

/// A plane with the stack, and the alarm's name, which CloudFormation has chosen.
pub async fn open() -> (Plane, String) {
    let plane = Plane::start(PlaneOptions::default()).await.unwrap();
    let call = async |operation: &str, input: Value| {
        plane.hub().call_as(&Caller::root(), "cloudformation", operation, input).await.unwrap()
    };
    let input = json!({ "StackName": "shop", "TemplateBody": stack().to_string(), "Capabilities": ["CAPABILITY_IAM"] });
    call("CreateStack", input).await;
    loop {
        let described = call("DescribeStacks", json!({ "StackName": "shop" })).await["Stacks"][0].clone();
        if described["StackStatus"] == "CREATE_COMPLETE" {
            let outputs = described["Outputs"].as_array().unwrap();
            let alarm = outputs.iter().find(|output| output["OutputKey"] == "Alarm").unwrap();
            return (plane, alarm["OutputValue"].as_str().unwrap().to_owned());
        }
        assert_eq!(described["StackStatus"], "CREATE_IN_PROGRESS", "{described}");
        tokio::task::yield_now().await;
    }
}
