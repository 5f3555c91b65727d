//! Events that follow the alias of a plain function, in the many ways in which templates name it.

use serde_json::{Value, json};
use test_case::test_case;

use super::tests::wishes;
use super::*;

fn template(resources: Value) -> Value {
    let mut template = json!({ "Resources": {
        "Orders": { "Type": "AWS::Lambda::Function", "Properties": { "Code": { "ZipFile": "x" } } },
    } });
    template["Resources"].as_object_mut().unwrap().extend(resources.as_object().unwrap().clone());
    template
}

fn guarded(resources: Value) -> Guarded {
    guard(&template(resources), ["Orders"], &wishes()).unwrap()
}

fn alias() -> Value {
    json!({ "Ref": "OrdersAliaslive" })
}

#[test_case(json!({ "Ref": "Orders" }), alias(); "its name")]
#[test_case(json!({ "Fn::Sub": "${Orders}" }), alias(); "its name in a text")]
#[test_case(json!({ "Fn::GetAtt": ["Orders", "Arn"] }), alias(); "its ARN")]
#[test_case(json!({ "Fn::GetAtt": "Orders.Arn" }), alias(); "its ARN in one word")]
#[test_case(json!({ "Fn::Sub": "${Orders.Arn}" }), alias(); "its ARN in a text")]
#[test_case(json!({ "Fn::If": ["A", { "Fn::GetAtt": ["Orders", "Arn"] }, "x"] }), json!({ "Fn::If": ["A", alias(), "x"] }); "within a condition")]
#[test_case(
    json!({ "Fn::Sub": "x/arn:aws:lambda:eu-west-1:1:function:${Orders}/invocations" }),
    json!({ "Fn::Sub": "x/arn:aws:lambda:eu-west-1:1:function:${Orders}:live/invocations" });
    "an ARN around its name"
)]
#[test_case(
    json!({ "Fn::Sub": ["f/${it}/invocations", { "it": { "Fn::GetAtt": ["Orders", "Arn"] } }] }),
    json!({ "Fn::Sub": ["f/${it}/invocations", { "it": alias() }] });
    "a name of the text's own"
)]
#[test_case(
    json!({ "Fn::Sub": ["arn:aws:lambda:eu-west-1:1:function:${it}", { "it": { "Ref": "Orders" } }] }),
    json!({ "Fn::Sub": ["arn:aws:lambda:eu-west-1:1:function:${it}", { "it": { "Fn::Sub": "${Orders}:live" } }] });
    "a name of its own around its name"
)]
#[test_case(
    json!({ "Fn::Join": ["", ["arn:", { "Ref": "AWS::Partition" }, ":apigateway:eu-west-1:lambda:path/2015-03-31/functions/", { "Fn::GetAtt": ["Orders", "Arn"] }, "/invocations"]] }),
    json!({ "Fn::Join": ["", ["arn:", { "Ref": "AWS::Partition" }, ":apigateway:eu-west-1:lambda:path/2015-03-31/functions/", alias(), "/invocations"]] });
    "as CDK joins it"
)]
#[test_case(
    json!({ "Fn::Join": ["", ["f/", { "Fn::Join": [":", ["arn", "aws", "lambda", "eu-west-1", "1", "function", { "Ref": "Orders" }]] }, "/invocations"]] }),
    json!({ "Fn::Join": ["", ["f/", { "Fn::Join": [":", ["arn", "aws", "lambda", "eu-west-1", "1", "function", { "Fn::Sub": "${Orders}:live" }]] }, "/invocations"]] });
    "joined twice around its name"
)]
#[test_case(
    json!({ "Fn::Join": ["", ["arn:aws:lambda:eu-west-1:1:function:", { "Ref": "Orders" }, ":old"]] }),
    json!({ "Fn::Join": ["", ["arn:aws:lambda:eu-west-1:1:function:", { "Ref": "Orders" }, ":old"]] });
    "with a qualifier already"
)]
#[test_case(json!({ "Fn::Sub": "${Orders.Arn}:old" }), json!({ "Fn::Sub": "${Orders.Arn}:old" }); "a text with a qualifier already")]
#[test_case(json!({ "Ref": "OrdersTable" }), json!({ "Ref": "OrdersTable" }); "another resource")]
#[test_case(json!({ "Fn::Sub": "${!Orders.Arn}" }), json!({ "Fn::Sub": "${!Orders.Arn}" }); "a text that only looks so")]
fn an_event_follows_however_it_is_written(written: Value, expected: Value) {
    let source =
        json!({ "Type": "AWS::Lambda::Permission", "Properties": { "FunctionName": written, "Principal": "p" } });
    let template = guarded(json!({ "Source": source })).template;
    let source = &template["Resources"]["Source"];
    assert_eq!(source["Properties"]["FunctionName"], expected);
    // A resource that writes the alias's name out has no reference to it, and must be told to wait.
    let waits = expected.to_string().contains("}:live");
    assert_eq!(source["DependsOn"] == json!(["OrdersAliaslive"]), waits, "{source}");
}

#[test]
fn settings_of_asynchronous_calls_go_with_the_events() {
    let config = json!({ "Type": "AWS::Lambda::EventInvokeConfig", "DependsOn": "Queue", "Properties": {
        "FunctionName": { "Ref": "Orders" }, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
    } });
    let Guarded { template, remarks } = guarded(json!({ "Settings": config, "Queue": { "Type": "AWS::SQS::Queue" } }));
    let settings = &template["Resources"]["Settings"];
    assert_eq!(settings["Properties"]["Qualifier"], "live");
    assert_eq!(settings["DependsOn"], json!(["Queue", "OrdersAliaslive"]));
    assert_eq!(remarks, []);
}

fn permission(action: &str, extra: Value) -> Value {
    let mut permission = json!({ "Type": "AWS::Lambda::Permission", "Properties": {
        "Action": action, "FunctionName": { "Fn::GetAtt": ["Orders", "Arn"] }, "Principal": "*",
    } });
    permission["Properties"].as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    permission
}

/// Another qualifier would give it another address.
#[test]
fn a_url_stays_where_it_is_with_its_permission_and_is_told() {
    let url = json!({ "Type": "AWS::Lambda::Url", "Properties": { "TargetFunctionArn": { "Ref": "Orders" }, "AuthType": "NONE" } });
    let allowed = permission("lambda:InvokeFunctionUrl", json!({ "FunctionUrlAuthType": "NONE" }));
    let Guarded { template, remarks } = guarded(json!({ "Url": url, "Allowed": allowed }));
    assert_eq!((&template["Resources"]["Url"], &template["Resources"]["Allowed"]), (&url, &allowed));
    let pointer = "/Resources/Url/Properties/TargetFunctionArn".to_owned();
    assert_eq!(remarks, [Remark::Unguarded { function: "Orders".to_owned(), pointer }]);
}

#[test]
fn a_url_of_the_alias_waits_for_it() {
    let url = json!({ "Type": "AWS::Lambda::Url", "Properties": { "TargetFunctionArn": { "Ref": "Orders" }, "Qualifier": "live" } });
    let allowed = permission("lambda:InvokeFunctionUrl", json!({ "FunctionUrlAuthType": "NONE" }));
    let Guarded { template, remarks } = guarded(json!({ "Url": url, "Allowed": allowed }));
    assert_eq!(template["Resources"]["Url"]["DependsOn"], json!(["OrdersAliaslive"]));
    assert_eq!(template["Resources"]["Allowed"]["Properties"]["FunctionName"], alias());
    assert_eq!(remarks, []);
}

#[test]
fn a_service_that_still_calls_the_function_itself_keeps_its_permission() {
    let rule = json!({ "Type": "AWS::Config::ConfigRule", "Properties": { "Source": { "SourceIdentifier": { "Fn::GetAtt": ["Orders", "Arn"] } } } });
    let allowed = permission("lambda:InvokeFunction", json!({}));
    let Guarded { template, remarks } = guarded(json!({ "Rule": rule, "Allowed": allowed }));
    assert_eq!(template["Resources"]["Allowed"]["Properties"]["FunctionName"], alias());
    assert_eq!(template["Resources"]["AllowedLatest"], allowed);
    assert_eq!(remarks.len(), 1);
}

#[test]
fn a_role_that_may_call_the_function_may_call_its_alias() {
    let arn = json!({ "Fn::GetAtt": ["Orders", "Arn"] });
    let every = json!({ "Fn::Join": ["", [arn, ":*"]] });
    let policy = json!({ "Type": "AWS::IAM::Policy", "Properties": { "PolicyDocument": { "Statement": [
        { "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn },
        { "Effect": "Allow", "Action": "lambda:GetFunction", "Resource": arn },
        { "Effect": "Allow", "Action": ["lambda:*"], "Resource": [{ "Fn::Sub": "arn:aws:lambda:eu-west-1:1:function:${Orders}" }] },
        { "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": ["arn:aws:lambda:eu-west-1:1:function:other"] },
        { "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": [arn, every] },
    ] } } });
    let nightly = json!({ "Type": "AWS::Scheduler::Schedule", "Properties": { "Target": { "Arn": arn } } });
    let Guarded { template, remarks } = guarded(json!({ "Policy": policy, "Nightly": nightly }));
    let statements = &template["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"];
    assert_eq!(statements[0]["Resource"], json!([arn, { "Fn::Sub": "${Orders.Arn}:live" }]));
    assert_eq!(statements[1]["Resource"], arn);
    assert_eq!(statements[4]["Resource"], json!([arn, every]));
    assert_eq!(
        statements[2]["Resource"][1],
        json!({ "Fn::Sub": "arn:aws:lambda:eu-west-1:1:function:${Orders}:live" })
    );
    assert_eq!(statements[3]["Resource"], json!(["arn:aws:lambda:eu-west-1:1:function:other"]));
    assert_eq!(remarks, []);
}

/// A stage goes on calling what its deployment has copied.
#[test]
fn an_api_whose_integration_has_moved_is_deployed_anew() {
    let written = |description: &str| {
        json!({
            "Api": { "Type": "AWS::ApiGateway::RestApi", "Properties": { "Name": "api" } },
            "Get": { "Type": "AWS::ApiGateway::Method", "Properties": {
                "RestApiId": { "Ref": "Api" }, "OperationName": description,
                "Integration": { "Uri": { "Fn::Sub": "x/${Orders.Arn}/invocations" } },
            } },
            "Deployed": { "Type": "AWS::ApiGateway::Deployment", "DependsOn": ["Get"], "Properties": { "RestApiId": { "Ref": "Api" } } },
            "Other": { "Type": "AWS::ApiGateway::Deployment", "Properties": { "RestApiId": "another" } },
            "Stage": { "Type": "AWS::ApiGateway::Stage", "DependsOn": "Deployed", "Properties": { "DeploymentId": { "Ref": "Deployed" } } },
            "Text": { "Type": "AWS::SSM::Parameter", "Properties": { "Value": { "Fn::Sub": "${Deployed} ${Deployed.DeploymentId}" } } },
        })
    };
    let template = guarded(written("one")).template;
    let resources = template["Resources"].as_object().unwrap();
    let deployed = resources.keys().find(|id| id.starts_with("Deployed")).unwrap();
    assert_eq!(deployed.len(), "Deployed".len() + 10);
    assert_eq!(resources["Stage"]["Properties"]["DeploymentId"], json!({ "Ref": deployed }));
    assert_eq!(resources["Stage"]["DependsOn"], json!(deployed));
    let text = format!("${{{deployed}}} ${{{deployed}.DeploymentId}}");
    assert_eq!(resources["Text"]["Properties"]["Value"], json!({ "Fn::Sub": text }));
    assert!(resources.contains_key("Other"));
    assert!(guarded(written("two")).template["Resources"].get(deployed).is_none());
}

#[test_case(json!("shop-orders"), json!({ "Ref": "OrdersAliaslive" }); "the name")]
#[test_case(json!("arn:aws:lambda:eu-west-1:1:function:shop-orders"), json!("arn:aws:lambda:eu-west-1:1:function:shop-orders:live"); "an ARN of it")]
#[test_case(
    json!({ "Fn::Sub": "arn:aws:lambda:${AWS::Region}:1:function:shop-orders" }),
    json!({ "Fn::Sub": "arn:aws:lambda:${AWS::Region}:1:function:shop-orders:live" });
    "an ARN of it in a text"
)]
#[test_case(json!("arn:aws:lambda:eu-west-1:1:function:shop-orders-archive"), json!("arn:aws:lambda:eu-west-1:1:function:shop-orders-archive"); "another function's name")]
#[test_case(json!("shop-orders:old"), json!("shop-orders:old"); "a name with a qualifier")]
fn a_name_that_is_written_out_is_followed(written: Value, expected: Value) {
    let source = json!({ "Type": "AWS::Lambda::EventSourceMapping", "Properties": { "FunctionName": written } });
    let mut template = template(json!({ "Source": source }));
    template["Resources"]["Orders"]["Properties"]["FunctionName"] = json!("shop-orders");
    let template = guard(&template, ["Orders"], &wishes()).unwrap().template;
    assert_eq!(template["Resources"]["Source"]["Properties"]["FunctionName"], expected);
}

#[test_case(json!({ "Fn::Sub": "/aws/lambda/${Orders}" }); "in a text")]
#[test_case(json!({ "Fn::Join": ["", ["/aws/lambda/", { "Ref": "Orders" }]] }); "joined")]
fn the_name_of_its_log_group_calls_nobody(name: Value) {
    let logs = json!({ "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": name } });
    let Guarded { template, remarks } = guarded(json!({ "Logs": logs }));
    assert_eq!((&template["Resources"]["Logs"], remarks), (&logs, Vec::new()));
}

#[test]
fn a_bucket_that_cdk_notifies_follows() {
    let configuration =
        json!([{ "Events": ["s3:ObjectCreated:*"], "LambdaFunctionArn": { "Fn::GetAtt": ["Orders", "Arn"] } }]);
    let notifications = json!({ "Type": "Custom::S3BucketNotifications", "Properties": {
        "NotificationConfiguration": { "LambdaFunctionConfigurations": configuration },
    } });
    let Guarded { template, remarks } = guarded(json!({ "Notifications": notifications }));
    let pointer = "/Resources/Notifications/Properties/NotificationConfiguration/LambdaFunctionConfigurations/0/LambdaFunctionArn";
    assert_eq!(template.pointer(pointer), Some(&alias()));
    assert_eq!(remarks, []);
}

#[test]
fn what_other_stacks_are_told_of_the_function_is_told() {
    let mut template = template(json!({}));
    let arn = json!({ "Fn::GetAtt": ["Orders", "Arn"] });
    template["Outputs"] =
        json!({ "ForPeople": { "Value": arn }, "ForStacks": { "Value": arn, "Export": { "Name": "orders" } } });
    let remarks = guard(&template, ["Orders"], &wishes()).unwrap().remarks;
    assert_eq!(
        remarks,
        [Remark::Unguarded { function: "Orders".to_owned(), pointer: "/Outputs/ForStacks/Value".to_owned() }]
    );
}
