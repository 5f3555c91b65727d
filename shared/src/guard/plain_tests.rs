//! Guards of plain functions: plain CloudFormation, and what CDK makes of its constructs.

use serde_json::{Value, json};
use test_case::test_case;

use super::tests::wishes;
use super::*;

fn plain(properties: Value) -> Value {
    json!({ "Resources": { "Orders": { "Type": "AWS::Lambda::Function", "Properties": properties } } })
}

fn code(key: &str) -> Value {
    json!({ "Code": { "S3Bucket": "b", "S3Key": key }, "Handler": "app.handler", "Timeout": 10 })
}

fn guarded(template: &Value) -> Guarded {
    guard(template, ["Orders"], &wishes()).unwrap()
}

fn told(template: &Value, functions: &[&str]) -> Vec<String> {
    let faults = guard(template, functions.iter().copied(), &wishes()).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

/// The logical id of the only resource of a kind.
fn only<'a>(template: &'a Value, kind: &str) -> &'a str {
    let resources = template["Resources"].as_object().unwrap();
    let found: Vec<&String> = resources.iter().filter(|(_, it)| it["Type"] == kind).map(|(id, _)| id).collect();
    assert_eq!(found.len(), 1, "{kind}: {found:?}");
    found[0]
}

fn version(template: &Value) -> String {
    only(template, "AWS::Lambda::Version").to_owned()
}

#[test]
fn a_function_gets_what_sam_would_make_for_it() {
    let Guarded { template, remarks } = guarded(&plain(code("one.zip")));
    let resources = &template["Resources"];
    let version = version(&template);
    let digits = version.strip_prefix("OrdersVersion").unwrap();
    assert!(digits.len() == 10 && digits.chars().all(|sign| sign.is_ascii_hexdigit()), "{version}");
    assert_eq!(
        resources[&version],
        json!({
            "Type": "AWS::Lambda::Version", "Properties": { "FunctionName": { "Ref": "Orders" } },
            "DeletionPolicy": "RetainExceptOnCreate",
        })
    );
    assert_eq!(
        resources["OrdersAliaslive"],
        json!({
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": "live", "FunctionName": { "Ref": "Orders" },
                "FunctionVersion": { "Fn::GetAtt": [version, "Version"] },
            },
            "UpdatePolicy": { "CodeDeployLambdaAliasUpdate": {
                "ApplicationName": { "Ref": "ServerlessDeploymentApplication" },
                "DeploymentGroupName": { "Ref": "OrdersDeploymentGroup" },
                "BeforeAllowTrafficHook": "CodeDeployHook_slipway_pre-traffic",
                "AfterAllowTrafficHook": "CodeDeployHook_slipway_post-traffic",
            } },
        })
    );
    let group = &resources["OrdersDeploymentGroup"]["Properties"];
    assert_eq!(group["DeploymentConfigName"], "CodeDeployDefault.LambdaCanary10Percent10Minutes");
    assert_eq!(group["ServiceRoleArn"], json!({ "Fn::GetAtt": ["CodeDeployServiceRole", "Arn"] }));
    let alarms = json!([
        { "Name": { "Ref": "OrdersTargetErrorsAlarm" } }, { "Name": { "Ref": "OrdersTargetDurationAlarm" } },
    ]);
    assert_eq!(group["AlarmConfiguration"], json!({ "Enabled": true, "Alarms": alarms }));
    assert_eq!(resources["ServerlessDeploymentApplication"]["Properties"]["ComputePlatform"], "Lambda");
    let watched = &resources["OrdersTargetDurationAlarm"]["Properties"];
    let target = json!({ "Name": "ExecutedVersion", "Value": { "Fn::GetAtt": [version, "Version"] } });
    assert!(watched["Dimensions"].as_array().unwrap().contains(&target), "{watched}");
    assert_eq!(watched["Threshold"], 8000.0);
    assert_eq!((template.get("Transform"), remarks), (None, Vec::new()));
}

#[test_case(json!({ "Code": { "S3Bucket": "b", "S3Key": "two.zip" } }), true; "other code")]
#[test_case(json!({ "Code": { "ZipFile": "exports.handler = 1" } }), true; "code in the template")]
#[test_case(json!({ "Code": { "ImageUri": "repository@sha256:00" }, "PackageType": "Image" }), true; "an image")]
#[test_case(json!({ "Timeout": 20 }), true; "another time limit")]
#[test_case(json!({ "Environment": { "Variables": { "LABEL": "two" } } }), true; "another environment")]
#[test_case(json!({ "Tags": [{ "Key": "team", "Value": "shop" }] }), false; "a tag")]
#[test_case(json!({ "ReservedConcurrentExecutions": 5 }), false; "a reservation")]
fn what_a_version_would_hold_makes_a_new_one(change: Value, is_new: bool) {
    let before = plain(code("one.zip"));
    let mut after = before.clone();
    let properties = after["Resources"]["Orders"]["Properties"].as_object_mut().unwrap();
    properties.extend(change.as_object().unwrap().clone());
    assert_eq!(version(&guarded(&before).template) != version(&guarded(&after).template), is_new);
}

#[test]
fn the_order_of_what_is_written_makes_no_new_version() {
    let other = json!({ "Timeout": 10, "Handler": "app.handler", "Code": { "S3Key": "one.zip", "S3Bucket": "b" } });
    assert_eq!(version(&guarded(&plain(code("one.zip"))).template), version(&guarded(&plain(other)).template));
}

#[test]
fn code_that_is_named_by_its_digest_is_the_same_in_another_bucket() {
    let with = |bucket: &str, key: &str| {
        version(&guarded(&plain(json!({ "Code": { "S3Bucket": bucket, "S3Key": key } }))).template)
    };
    let [one, two] = ["1", "2"].map(|digit| format!("functions/{}.zip", digit.repeat(64)));
    assert_eq!(with("a", &one), with("b", &one));
    assert_ne!(with("a", &one), with("a", &two));
    assert_ne!(with("a", "code.zip"), with("b", "code.zip"));
}

/// Another name of the same would fail: Lambda publishes nothing, and CloudFormation takes that for a failure.
#[test]
fn a_version_has_the_same_name_in_every_slipway() {
    assert_eq!(version(&guarded(&plain(code("one.zip"))).template), "OrdersVersiond33e4049af");
}

#[test]
fn another_value_of_a_parameter_makes_a_new_version() {
    let mut template = plain(json!({ "Code": { "S3Bucket": "b", "S3Key": { "Fn::Sub": "${Build}.zip" } } }));
    template["Parameters"] = json!({ "Build": { "Type": "String", "Default": "one" } });
    let with = |build: Option<&str>| {
        let mut wishes = wishes();
        wishes.parameters = build.map(|build| ("Build".to_owned(), build.to_owned())).into_iter().collect();
        version(&guard(&template, ["Orders"], &wishes).unwrap().template)
    };
    assert_eq!(with(None), with(Some("one")));
    assert_ne!(with(None), with(Some("two")));
}

#[test]
fn another_value_of_a_mapping_makes_a_new_version() {
    let with = |memory: u32| {
        let found = json!({ "Fn::FindInMap": ["Stages", { "Ref": "Stage" }, "Memory"] });
        let mut template = plain(json!({ "Code": { "ZipFile": "x" }, "MemorySize": found }));
        template["Parameters"] = json!({ "Stage": { "Type": "String", "Default": "production" } });
        template["Mappings"] = json!({ "Stages": { "production": { "Memory": memory }, "dev": { "Memory": 1 } } });
        version(&guarded(&template).template)
    };
    assert_ne!(with(128), with(256));
    assert_eq!(with(128), with(128));
}

#[test]
fn another_content_of_a_layer_makes_a_new_version() {
    let with = |key: &str| {
        let mut template = plain(json!({ "Code": { "ZipFile": "x" }, "Layers": [{ "Ref": "Common" }] }));
        template["Resources"]["Common"] = json!({ "Type": "AWS::Lambda::LayerVersion", "Properties": { "Content": { "S3Bucket": "b", "S3Key": key } } });
        version(&guarded(&template).template)
    };
    assert_ne!(with("one.zip"), with("two.zip"));
}

#[test]
fn a_functions_condition_is_that_of_what_is_added_for_it() {
    let mut template = plain(code("one.zip"));
    template["Resources"]["Orders"]["Condition"] = json!("InProduction");
    let template = guarded(&template).template;
    for (logical_id, resource) in template["Resources"].as_object().unwrap() {
        let is_shared = ["ServerlessDeploymentApplication", "CodeDeployServiceRole"].contains(&logical_id.as_str());
        assert_eq!(resource["Condition"] == "InProduction", !is_shared, "{logical_id}");
    }
}

/// The resources that CDK makes of `new Alias(stack, "Live", {aliasName: "live", version: fn.currentVersion})`.
fn with_alias(own: Value) -> Value {
    let mut template = plain(code("one.zip"));
    template["Resources"]["OrdersCurrentVersion0a1b"] = json!({
        "Type": "AWS::Lambda::Version", "Properties": { "FunctionName": { "Ref": "Orders" } },
    });
    let mut alias = json!({ "Type": "AWS::Lambda::Alias", "Properties": {
        "FunctionName": { "Ref": "Orders" }, "Name": "users",
        "FunctionVersion": { "Fn::GetAtt": ["OrdersCurrentVersion0a1b", "Version"] },
    } });
    for (name, value) in own.as_object().unwrap() {
        alias["Properties"][name] = value.clone();
    }
    template["Resources"]["Users"] = alias;
    template
}

#[test]
fn an_alias_of_the_templates_own_is_handed_to_codedeploy() {
    let written = with_alias(json!({}));
    let Guarded { template, remarks } = guarded(&written);
    assert_eq!(template["Resources"]["Users"]["Properties"], written["Resources"]["Users"]["Properties"]);
    let group = template.pointer("/Resources/Users/UpdatePolicy/CodeDeployLambdaAliasUpdate/DeploymentGroupName");
    assert_eq!(group, Some(&json!({ "Ref": "OrdersDeploymentGroup" })));
    assert_eq!(version(&template), "OrdersCurrentVersion0a1b");
    let dimensions = &template["Resources"]["OrdersTargetDurationAlarm"]["Properties"]["Dimensions"];
    assert_eq!(dimensions[1]["Value"], json!({ "Fn::Sub": "${Orders}:users" }));
    assert_eq!(dimensions[2]["Value"], json!({ "Fn::GetAtt": ["OrdersCurrentVersion0a1b", "Version"] }));
    assert_eq!(remarks, [Remark::OwnVersion { function: "Orders".to_owned(), by: "Users".to_owned() }]);
}

/// Its authors decided which events go to it; what passes it by is not what the guard protects.
#[test]
fn what_passes_the_templates_own_alias_by_is_told() {
    let mut template = with_alias(json!({}));
    template["Resources"]["Queue"] = json!({
        "Type": "AWS::Lambda::EventSourceMapping", "Properties": { "FunctionName": { "Ref": "Orders" } },
    });
    let Guarded { template: after, remarks } = guarded(&template);
    assert_eq!(after["Resources"]["Queue"], template["Resources"]["Queue"]);
    let pointer = "/Resources/Queue/Properties/FunctionName".to_owned();
    assert_eq!(remarks[1], Remark::Unguarded { function: "Orders".to_owned(), pointer });
}

#[test]
fn an_alias_that_codedeploy_shifts_already_is_left_alone() {
    let mut template = with_alias(json!({}));
    let update = json!({ "ApplicationName": "a", "DeploymentGroupName": "g" });
    template["Resources"]["Users"]["UpdatePolicy"] = json!({ "CodeDeployLambdaAliasUpdate": update });
    let Guarded { template: after, remarks } = guarded(&template);
    assert_eq!(after, template);
    assert_eq!(remarks[0].to_string(), "Orders is left as it is: its alias Users has an update policy in the template");
}

#[test]
fn a_version_of_the_templates_own_is_the_one_that_is_released() {
    let mut template = with_alias(json!({}));
    template["Resources"].as_object_mut().unwrap().shift_remove("Users");
    let Guarded { template, remarks } = guarded(&template);
    assert_eq!(version(&template), "OrdersCurrentVersion0a1b");
    let released = json!({ "Fn::GetAtt": ["OrdersCurrentVersion0a1b", "Version"] });
    assert_eq!(template["Resources"]["OrdersAliaslive"]["Properties"]["FunctionVersion"], released);
    assert!(remarks[0].to_string().starts_with("OrdersCurrentVersion0a1b says in the template"), "{remarks:?}");
}

#[test_case(json!({ "FunctionVersion": "$LATEST" }), "the alias Users of Orders points to $LATEST"; "an alias of the newest code")]
#[test_case(json!({ "RoutingConfig": {} }), "the alias Users of Orders has weights of its own (RoutingConfig)"; "an alias with weights")]
#[test_case(json!({ "FunctionVersion": null }), "the alias Users of Orders has no Name or no FunctionVersion"; "half an alias")]
fn an_alias_that_cannot_be_shifted_is_told(own: Value, expected: &str) {
    let faults = told(&with_alias(own), &["Orders"]);
    assert_eq!(faults, [format!("{expected}, and CodeDeploy shifts from one version to another")]);
}

#[test_case(json!({ "Fn::GetAtt": "Orders.Arn" }); "its ARN")]
#[test_case(json!("shop-orders"); "its name, written out")]
#[test_case(json!("arn:aws:lambda:eu-west-1:1:function:shop-orders"); "an ARN, written out")]
#[test_case(json!({ "Fn::Sub": "arn:aws:lambda:${AWS::Region}:1:function:${Orders}" }); "an ARN that is put together")]
fn an_alias_is_known_by_whatever_names_its_function(name: Value) {
    let mut template = with_alias(json!({ "FunctionName": name }));
    template["Resources"]["Orders"]["Properties"]["FunctionName"] = json!("shop-orders");
    let template = guarded(&template).template;
    assert!(
        template["Resources"]["Users"]["UpdatePolicy"].is_object()
            && template["Resources"]["OrdersAliaslive"].is_null()
    );
}

#[test]
fn properties_that_are_none_are_told() {
    for kind in ["AWS::Lambda::Function", "AWS::Serverless::Function"] {
        let template = json!({ "Resources": { "Orders": { "Type": kind, "Properties": ["Handler"] } } });
        assert_eq!(told(&template, &["Orders"]), ["the Properties of Orders are no map"]);
    }
}

#[test]
fn of_several_aliases_the_guards_is_taken() {
    let mut template = with_alias(json!({}));
    template["Resources"]["Other"] = template["Resources"]["Users"].clone();
    template["Resources"]["Other"]["Properties"]["Name"] = json!("other");
    let expected =
        "Orders has the aliases Users and Other, and none is named live: say in the guard which one users reach";
    assert_eq!(told(&template, &["Orders"]), [expected]);
    template["Resources"]["Other"]["Properties"]["Name"] = json!("live");
    let template = guarded(&template).template;
    assert!(
        template["Resources"]["Other"]["UpdatePolicy"].is_object()
            && template["Resources"]["Users"]["UpdatePolicy"].is_null()
    );
}

#[test]
fn several_versions_without_an_alias_are_told() {
    let mut template = with_alias(json!({}));
    template["Resources"]["Users"] = template["Resources"]["OrdersCurrentVersion0a1b"].clone();
    let expected =
        "Orders has the versions OrdersCurrentVersion0a1b and Users and no alias that says which of them is released";
    assert_eq!(told(&template, &["Orders"]), [expected]);
}

#[test_case("OrdersAliaslive")]
#[test_case("OrdersDeploymentGroup")]
#[test_case("OrdersThrottlesAlarm")]
#[test_case("ServerlessDeploymentApplication")]
#[test_case("CodeDeployServiceRole")]
fn a_name_that_is_taken_is_told(name: &str) {
    let mut template = plain(code("one.zip"));
    template["Resources"][name] = json!({ "Type": "AWS::SNS::Topic" });
    let expected = format!("the guard of Orders adds {name}, and the template has a resource of that name");
    assert_eq!(told(&template, &["Orders"]), [expected]);
}

/// A template of both kinds.
fn mixed(sams: Value) -> Value {
    let mut template = plain(code("one.zip"));
    template["Transform"] = json!("AWS::Serverless-2016-10-31");
    template["Resources"]["Sams"] = json!({ "Type": "AWS::Serverless::Function", "Properties": sams });
    template
}

#[test]
fn with_functions_of_sams_the_application_is_sams() {
    let template = guard(&mixed(json!({})), ["Orders", "Sams"], &wishes()).unwrap().template;
    let resources = &template["Resources"];
    assert!(resources["OrdersAliaslive"].is_object() && resources["OrdersDeploymentGroup"].is_object());
    assert!(resources["ServerlessDeploymentApplication"].is_null() && resources["CodeDeployServiceRole"].is_null());

    // SAM makes nothing for a function that is not guarded, and no role for one that has its own.
    let template = guard(&mixed(json!({})), ["Orders"], &wishes()).unwrap().template;
    assert!(template["Resources"]["ServerlessDeploymentApplication"].is_object());
    let own =
        json!({ "AutoPublishAlias": "live", "DeploymentPreference": { "Type": "AllAtOnce", "Role": "arn:role" } });
    let template = guard(&mixed(own), ["Orders"], &wishes()).unwrap().template;
    assert!(template["Resources"]["ServerlessDeploymentApplication"].is_null());
    assert!(template["Resources"]["CodeDeployServiceRole"].is_object());
}

#[test]
fn an_application_that_is_there_only_sometimes_is_told() {
    let mut template = mixed(json!({}));
    template["Resources"]["Sams"]["Condition"] = json!("InProduction");
    let faults = told(&template, &["Orders", "Sams"]);
    assert!(faults[0].contains("belongs to the CodeDeploy application that SAM makes for Sams"), "{faults:?}");
    assert!(faults[0].ends_with("it has a condition"), "{faults:?}");
    let open = json!({ "DeploymentPreference": { "Enabled": { "Fn::If": ["A", true, false] }, "Type": "AllAtOnce" } });
    let faults = told(&mixed(open), &["Orders"]);
    assert!(faults[0].ends_with("whether it is enabled is decided by CloudFormation"), "{faults:?}");
}
