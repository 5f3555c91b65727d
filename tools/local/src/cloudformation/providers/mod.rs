//! The resource types that stacks can hold.
//!
//! Each module knows one type or a few that belong together: the properties it accepts, which of them need a new
//! resource, and the service's own operations that make, change and remove it. Identifiers and attributes are those of
//! the CloudFormation resource reference. A feature that a service of the plane does not run comes back as its `NotImplemented`.

mod alarm;
mod alias_deployment;
mod api;
mod api_authorizer;
mod api_deployment;
mod api_route;
mod api_stage;
mod cdk_metadata;
mod codebuild_project;
mod codecommit_repository;
mod codedeploy_application;
mod codedeploy_configuration;
mod codedeploy_group;
mod dynamodb_changes;
mod dynamodb_indexes;
mod dynamodb_table;
mod events_bus;
mod events_rule;
mod iam_policy;
mod iam_role;
mod lambda_alias;
mod lambda_event_invoke_config;
mod lambda_function;
mod lambda_permission;
mod lambda_version;
mod log_group;
mod naming;
mod not_run;
mod pipeline;
#[cfg(test)]
mod plane_tests;
mod properties;
#[cfg(test)]
mod registry_tests;
mod resource_type;
mod s3_bucket;
mod s3_bucket_policy;
mod sns_subscription;
mod sns_topic;
mod spelling;
mod ssm_parameter;
mod tags;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod update_walk;

use super::provider::Provider;

/// The provider of a resource type such as `AWS::Lambda::Function`, if the plane runs that type.
pub fn provider(resource_type: &str) -> Option<&'static dyn Provider> {
    Some(match resource_type {
        "AWS::ApiGatewayV2::Api" => &api::Api,
        "AWS::ApiGatewayV2::Authorizer" => &api_authorizer::Authorizer,
        "AWS::ApiGatewayV2::Deployment" => &api_deployment::Deployment,
        "AWS::ApiGatewayV2::Integration" => &api_route::Integration,
        "AWS::ApiGatewayV2::Route" => &api_route::Route,
        "AWS::ApiGatewayV2::Stage" => &api_stage::Stage,
        "AWS::CDK::Metadata" => &cdk_metadata::Metadata,
        "AWS::CloudWatch::Alarm" => &alarm::Alarm,
        "AWS::CodeBuild::Project" => &codebuild_project::Project,
        "AWS::CodeCommit::Repository" => &codecommit_repository::Repository,
        "AWS::CodeDeploy::Application" => &codedeploy_application::Application,
        "AWS::CodeDeploy::DeploymentConfig" => &codedeploy_configuration::DeploymentConfig,
        "AWS::CodeDeploy::DeploymentGroup" => &codedeploy_group::DeploymentGroup,
        "AWS::CodePipeline::Pipeline" => &pipeline::Pipeline,
        "AWS::DynamoDB::Table" => &dynamodb_table::Table,
        "AWS::Events::EventBus" => &events_bus::EventBus,
        "AWS::Events::Rule" => &events_rule::Rule,
        "AWS::IAM::ManagedPolicy" => &iam_policy::ManagedPolicy,
        "AWS::IAM::Policy" => &iam_policy::InlinePolicy,
        "AWS::IAM::Role" => &iam_role::Role,
        "AWS::Lambda::Alias" => &lambda_alias::Alias,
        "AWS::Lambda::EventInvokeConfig" => &lambda_event_invoke_config::EventInvokeConfig,
        "AWS::Lambda::Function" => &lambda_function::Function,
        "AWS::Lambda::Permission" => &lambda_permission::Permission,
        "AWS::Lambda::Version" => &lambda_version::Version,
        "AWS::Logs::LogGroup" => &log_group::LogGroup,
        "AWS::S3::Bucket" => &s3_bucket::Bucket,
        "AWS::S3::BucketPolicy" => &s3_bucket_policy::BucketPolicy,
        "AWS::SNS::Subscription" => &sns_subscription::Subscription,
        "AWS::SNS::Topic" => &sns_topic::Topic,
        "AWS::SNS::TopicPolicy" => &sns_topic::TopicPolicy,
        "AWS::SSM::Parameter" => &ssm_parameter::Parameter,
        _ => return None,
    })
}
