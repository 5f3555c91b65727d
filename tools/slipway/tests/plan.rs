//! `slipway plan` as people run it: the program, its output and its exit code.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::fs;
use std::process::Command;

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Label: { Type: String }
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: target/lambda/shop/
      Environment: { Variables: { LABEL: !Ref Label } }
      Events:
        Get: { Type: HttpApi, Properties: { Path: /, Method: GET } }
  Caller:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: target/lambda/caller/
      Environment: { Variables: { SHOP: !Ref Shop } }
";

const MANIFEST: &str = "\
application: shop
functions:
  Shop:
    suite:
      checks: [{ name: answers, kind: invoke, event: {}, expect: { body: { ok: true } } }]
";

/// What the program prints to both its streams, and its exit code.
fn planned(template: &str, manifest: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("template.yaml"), template).unwrap();
    fs::write(folder.path().join("slipway.yaml"), manifest).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    let output = command.arg("plan").args(arguments).current_dir(folder.path()).output().unwrap();
    let texts = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    format!("{}{}exit {}", texts[0], texts[1], output.status.code().unwrap())
}

#[test]
fn a_guard_is_shown_as_what_it_adds_to_the_expanded_template() {
    insta::assert_snapshot!(planned(TEMPLATE, &format!("{MANIFEST}guard: {{}}\n"), &["--parameter", "Label=one"]));
}

#[test]
fn a_stage_has_its_own_preference_and_a_slipway_its_own_hooks() {
    let manifest = format!("{MANIFEST}guard: {{ deployment: {{ dev: Linear10PercentEvery1Minute }} }}\n");
    let planned = planned(TEMPLATE, &manifest, &["--stage", "dev", "--slipway", "delivery"]);
    assert!(planned.contains("Linear10PercentEvery1Minute"), "{planned}");
    assert!(planned.contains("CodeDeployHook_delivery_pre-traffic"), "{planned}");
}

#[test]
fn a_manifest_without_a_guard_adds_nothing() {
    let expected = "slipway.yaml asks for no guard: a release takes the template as it is\nexit 0";
    assert_eq!(planned(TEMPLATE, MANIFEST, &[]), expected);
}

#[test]
fn a_template_with_a_guard_is_left_alone() {
    let guarded = "      AutoPublishAlias: live\n      DeploymentPreference: { Type: AllAtOnce }\n      Events:";
    let template = TEMPLATE.replace("      Events:", guarded);
    let told = "Shop has a deployment preference in the template and is left as it is\nnothing is added\nexit 0";
    assert_eq!(planned(&template, &format!("{MANIFEST}guard: {{}}\n"), &[]), told);
}

#[test]
fn mistakes_are_told_with_their_place() {
    let manifest = format!(
        "{MANIFEST}guard:\n  alias: '1'\n  deployment: {{ Prod: AllAtOnce, dev: Canary20Percent }}\n  alarms: {{ badMinutes: 4 }}\n"
    );
    insta::assert_snapshot!(planned(TEMPLATE, &manifest, &[]));
    let taken = format!("{TEMPLATE}  ShopThrottlesAlarm: {{ Type: AWS::SNS::Topic }}\n");
    insta::assert_snapshot!(planned(&taken, &format!("{MANIFEST}guard: {{}}\n"), &[]));
}

#[test]
fn functions_that_are_released_as_one_are_named() {
    let manifest = format!("{MANIFEST}  Caller: {{ suite: {{}} }}\nguard: {{}}\n");
    let told = planned(TEMPLATE, &manifest, &["--parameter", "Label=one"]);
    let note = "ShopAliaslive, CallerAliaslive are released as one: none shifts before the suites of all have passed";
    assert!(told.contains(note), "{told}");
}

/// As CDK synthesises a function with a schedule, and a second one that has an alias of its own.
const PLAIN: &str = "\
Parameters:
  Label: { Type: String }
Resources:
  Shop:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      Role: arn:aws:iam::111122223333:role/shop
      Code: target/lambda/shop/
      Environment: { Variables: { LABEL: !Ref Label } }
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{ Id: shop, Arn: !GetAtt Shop.Arn }]
  NightlyMayCall:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !GetAtt [Shop, Arn]
      Principal: events.amazonaws.com
      SourceArn: !Sub '${Nightly.Arn}'
";

#[test]
fn a_plain_function_is_shown_with_the_resources_that_it_gets() {
    let manifest = format!("{MANIFEST}guard: {{}}\n");
    insta::assert_snapshot!(planned(PLAIN, &manifest, &["--parameter", "Label=one"]));
}

#[test]
fn an_alias_with_an_update_policy_is_left_alone() {
    let alias = "  Users:
    Type: AWS::Lambda::Alias
    Properties: { FunctionName: !Ref Shop, FunctionVersion: '1', Name: users }
    UpdatePolicy: { CodeDeployLambdaAliasUpdate: { ApplicationName: shop, DeploymentGroupName: shop } }
";
    let told = "Shop is left as it is: its alias Users has an update policy in the template\nnothing is added\nexit 0";
    assert_eq!(planned(&format!("{PLAIN}{alias}"), &format!("{MANIFEST}guard: {{}}\n"), &[]), told);
}

#[test]
fn functions_of_both_kinds_share_what_sam_makes() {
    let template = TEMPLATE
        .replace("  Caller:\n    Type: AWS::Serverless::Function", "  Caller:\n    Type: AWS::Lambda::Function");
    let template = template.replace("CodeUri: target/lambda/caller/", "Code: target/lambda/caller/");
    let manifest = format!("{MANIFEST}  Caller: {{ suite: {{}} }}\nguard: {{}}\n");
    let told = planned(&template, &manifest, &["--parameter", "Label=one"]);
    assert_eq!(told.matches("+    \"ServerlessDeploymentApplication\": {").count(), 1, "{told}");
    assert!(told.contains("are released as one: none shifts before the suites of all have passed\n"), "{told}");
}

#[test]
fn a_plain_function_that_cannot_be_guarded_is_told_with_its_place() {
    let alias = "  Users:
    Type: AWS::Lambda::Alias
    Properties: { FunctionName: !Ref Shop, FunctionVersion: $LATEST, Name: users }
";
    let told = planned(&format!("{PLAIN}{alias}"), &format!("{MANIFEST}guard: {{}}\n"), &[]);
    let expected = "slipway.yaml:3:3: the alias Users of Shop points to $LATEST, and CodeDeploy shifts from one version to another";
    assert!(told.contains(expected), "{told}");
}
