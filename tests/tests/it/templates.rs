//! The templates under AWS's own linters, with no error and no warning.

use std::collections::BTreeMap;
use std::process::Command;

use slipway_shared::guard::{AlarmKit, Guard, Guarded, OwnPreference, guard};
use slipway_shared::template::parse;
use slipway_tests::{program, project_dir};

fn lint(name: &str, words: &[&str]) {
    let output = Command::new(program(name))
        .args(words)
        .current_dir(project_dir())
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("SAM_CLI_TELEMETRY", "0")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && !said.to_lowercase().contains("warning"), "{name} {words:?}:\n{said}");
}

#[test]
fn cfn_lint_finds_nothing() {
    lint("cfn-lint", &["--include-checks", "W", "--", "template.yaml", "pipeline.yaml"]);
}

#[test]
fn sam_finds_both_valid() {
    lint("sam", &["validate", "--lint", "--template-file", "template.yaml", "--region", "us-east-1"]);
    lint("sam", &["validate", "--lint", "--template-file", "pipeline.yaml", "--region", "us-east-1"]);
}

/// A plain template as people write it, with most of what leads events to a function.
const PLAIN: &str = r"
AWSTemplateFormatVersion: '2010-09-09'
Description: Orders, in plain CloudFormation.
Parameters:
  LogLevel: {Type: String, Default: info}
Resources:
  OrdersRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
      Policies:
        - PolicyName: queue
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{Effect: Allow, Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], Resource: !GetAtt Queue.Arn}]
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt OrdersRole.Arn
      Timeout: 10
      Code: {ZipFile: 'def handler(event, context): return event'}
      Environment: {Variables: {LOG_LEVEL: !Ref LogLevel}}
  Queue: {Type: AWS::SQS::Queue, UpdateReplacePolicy: Delete, DeletionPolicy: Delete}
  FromQueue:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Queue.Arn, FunctionName: !Ref Orders}
  Settings:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: {FunctionName: !Ref Orders, Qualifier: $LATEST, MaximumRetryAttempts: 0}
  Nightly:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: orders, Arn: !GetAtt Orders.Arn}]}
  NightlyMayCall:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunction', FunctionName: !GetAtt Orders.Arn, Principal: events.amazonaws.com, SourceArn: !GetAtt Nightly.Arn}
  SchedulerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: scheduler.amazonaws.com}, Action: 'sts:AssumeRole'}]
      Policies:
        - PolicyName: call
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{Effect: Allow, Action: 'lambda:InvokeFunction', Resource: !GetAtt Orders.Arn}]
  Hourly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target: {Arn: !Sub 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Orders}', RoleArn: !GetAtt SchedulerRole.Arn}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties: {Name: orders}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Join ['', ['arn:', !Ref 'AWS::Partition', ':apigateway:', !Ref 'AWS::Region', ':lambda:path/2015-03-31/functions/', !GetAtt Orders.Arn, /invocations]]
  Deployed:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Get
    Properties: {RestApiId: !Ref Api}
  Prod:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, DeploymentId: !Ref Deployed, StageName: prod}
  ApiMayCall:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Orders
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/'
  Http:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: orders, ProtocolType: HTTP}
  HttpToOrders:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Http, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Orders.Arn, PayloadFormatVersion: '2.0'}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {Subscription: [{Protocol: lambda, Endpoint: !GetAtt Orders.Arn}]}
  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !Ref Orders, AuthType: NONE}
  UrlMayCall:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunctionUrl', FunctionName: !Ref Orders, Principal: '*', FunctionUrlAuthType: NONE}
Outputs:
  Orders: {Value: !Ref Orders}
";

/// A template of both kinds, in which SAM makes the application that all belong to.
const MIXED: &str = r"
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Orders of SAM's and payments of their own.
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: 'def handler(event, context): return event'
      Events: {Get: {Type: HttpApi, Properties: {Path: /, Method: GET}}}
  Settings:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: {FunctionName: !Ref Orders, Qualifier: $LATEST, MaximumRetryAttempts: 0}
  Payments:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt OrdersRole.Arn
      Code: {ZipFile: 'def handler(event, context): return event'}
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{Id: orders, Arn: !GetAtt Orders.Arn}, {Id: payments, Arn: !GetAtt Payments.Arn}]
";

/// A written template with guards of the functions, and what is told of them.
fn guarded(written: &str, functions: &[&str]) -> (String, Vec<String>) {
    let wishes = Guard {
        alias: "live".to_owned(),
        preference: "Canary10Percent10Minutes".to_owned(),
        pre_traffic: Some("CodeDeployHook_shop_pre-traffic".to_owned()),
        post_traffic: Some("CodeDeployHook_shop_post-traffic".to_owned()),
        alarms: AlarmKit::default(),
        own_preference: OwnPreference::Nothing,
        parameters: BTreeMap::new(),
    };
    let written = parse(written).unwrap().to_json();
    let Guarded { template, remarks } = guard(&written, functions.iter().copied(), &wishes).unwrap();
    (serde_json::to_string_pretty(&template).unwrap(), remarks.iter().map(ToString::to_string).collect())
}

/// Circles of references, misplaced attributes and values of the wrong shape are what the linter would find.
#[test]
fn cfn_lint_finds_nothing_in_templates_that_are_guarded() {
    let (plain, told) = guarded(PLAIN, &["Orders"]);
    assert!(told.len() == 1 && told[0].starts_with("/Resources/Url/"), "{told:?}");
    let (mixed, told) = guarded(MIXED, &["Orders", "Payments"]);
    assert!(told.is_empty(), "{told:?}");
    let folder = tempfile::tempdir().unwrap();
    for (name, template) in [("plain.json", plain), ("mixed.json", mixed)] {
        let path = folder.path().join(name);
        std::fs::write(&path, template).unwrap();
        lint("cfn-lint", &["--include-checks", "W", "--", &path.display().to_string()]);
    }
}
