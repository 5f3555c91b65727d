//! Both templates on a plane whose IAM decides: the pipeline's stack made by the operator, the application's by CloudFormation with
//! the execution role.

use std::fs;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use slipway_local::core::{Caller, Principal, ServiceError, Session};
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::aws::{self, AwsObjects, AwsSettings};
use slipway_shared::objects::{CreateObject as _, ObjectLocation};
use slipway_shared::template::parse;
use slipway_tests::{ECHO, eventually, project_dir, zip_of};

/// The account and the region of every plane.
pub(super) const ACCOUNT: &str = "000000000000";
pub(super) const REGION: &str = "us-east-1";
/// The application whose pipeline it is, and the one stage that is released.
pub(super) const APPLICATION: &str = "shop";
pub(super) const STACK: &str = "shop--production";
pub(super) const PIPELINE_STACK: &str = "shop-pipeline";

/// The object that is every function's code.
const CODE: &str = "functions/echo.zip";

/// A plane with both stacks.
pub(super) struct Ground {
    pub(super) plane: Plane,
    pub(super) bucket: String,
    releases: String,
    pub(super) execution_role: String,
}

/// A template of the repository, in which every function's code is one object of the bucket.
fn template(name: &str, bucket: &str) -> Result<Value> {
    let mut template = parse(&fs::read_to_string(project_dir().join(name))?)?.to_json();
    let resources = template["Resources"].as_object_mut().context("resources")?;
    for (_, resource) in resources {
        if resource["Type"] == "AWS::Serverless::Function" {
            resource["Properties"]["CodeUri"] = json!(format!("s3://{bucket}/{CODE}"));
        }
    }
    Ok(template)
}

impl Ground {
    /// The pipeline's stack alone.
    pub(super) async fn with_pipeline() -> Result<Self> {
        let options = PlaneOptions { enforce_iam: true, time_scale: 60.0, ..PlaneOptions::default() };
        let plane = Plane::start(options).await?;
        let mut ground = Self { plane, bucket: String::new(), releases: String::new(), execution_role: String::new() };
        ground.stack(PIPELINE_STACK, &template("pipeline.yaml", "")?, &[("Architecture", "x86_64")], None).await?;
        ensure!(ground.settled(PIPELINE_STACK).await == "CREATE_COMPLETE", "{}", ground.why(PIPELINE_STACK).await?);
        ground.bucket = ground.output(PIPELINE_STACK, "ArtifactBucketName").await?;
        ground.execution_role = ground.output(PIPELINE_STACK, "ExecutionRoleArn").await?;
        ground.releases = ground.output(PIPELINE_STACK, "ReleasesTableName").await?;
        ground.put_code().await?;
        Ok(ground)
    }

    /// Both stacks, the application's with further parameters.
    pub(super) async fn with_application(parameters: &[(&str, &str)]) -> Result<Self> {
        let ground = Self::with_pipeline().await?;
        ground.release(|_| {}, parameters).await?;
        ensure!(ground.settled(STACK).await == "CREATE_COMPLETE", "{}", ground.why(STACK).await?);
        Ok(ground)
    }

    /// Begins to release `template.yaml`, which `change` has changed, with the execution role.
    pub(super) async fn release(&self, change: impl FnOnce(&mut Value), parameters: &[(&str, &str)]) -> Result<()> {
        let mut template = template("template.yaml", &self.bucket)?;
        change(&mut template);
        let own = [
            ("Stage", "production"),
            ("PipelineName", APPLICATION),
            ("ArtifactBucket", self.bucket.as_str()),
            ("ExecutionRoleArn", self.execution_role.as_str()),
            ("ReleasesTable", self.releases.as_str()),
            ("Architecture", "x86_64"),
            ("Manifest", "manifests/none.json"),
        ];
        let parameters = [&own[..], parameters].concat();
        self.stack(STACK, &template, &parameters, Some(&self.execution_role)).await
    }

    /// Begins to make a stack of the application.
    async fn stack(&self, name: &str, template: &Value, parameters: &[(&str, &str)], role: Option<&str>) -> Result<()> {
        let parameters = [&[("ApplicationName", APPLICATION)], parameters].concat();
        let parameters: Vec<Value> =
            parameters.iter().map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value })).collect();
        let mut input = json!({
            "StackName": name, "TemplateBody": template.to_string(), "Parameters": parameters,
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        });
        if let Some(role) = role {
            input["RoleARN"] = json!(role);
        }
        self.operator("cloudformation", "CreateStack", input).await.map(|_| ())
    }

    /// Puts the code of every function into the bucket.
    async fn put_code(&self) -> Result<()> {
        let aws = AwsSettings::from_env(&[
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", self.plane.endpoint()),
        ])?;
        let objects = AwsObjects::new(aws::s3(&aws), &aws);
        let location = ObjectLocation::new(&self.bucket, CODE);
        Ok(objects.create_object(&location, zip_of(ECHO).into(), "application/zip").await?)
    }

    /// Calls a service as the operator.
    pub(super) async fn operator(&self, service: &str, operation: &str, input: Value) -> Result<Value> {
        self.plane.hub().call_as(&Caller::root(), service, operation, input).await.context(operation.to_owned())
    }

    /// Calls a service as somebody who has taken on a role.
    pub(super) async fn as_role(
        &self,
        role: &str,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, ServiceError> {
        let session = Session {
            role: role.to_owned(),
            role_id: "AROA".to_owned(),
            name: "somebody".to_owned(),
            policies: Vec::new(),
            tags: Vec::new(),
            transitive: Vec::new(),
        };
        let caller: Caller = Principal::Session(Arc::new(session)).into();
        self.plane.hub().call_as(&caller, service, operation, input).await
    }

    /// The status in which a stack's operation ends.
    pub(super) async fn settled(&self, stack: &str) -> String {
        eventually("the stack settles", async || {
            let found = self.operator("cloudformation", "DescribeStacks", json!({ "StackName": stack })).await.ok()?;
            let status = found["Stacks"][0]["StackStatus"].as_str()?.to_owned();
            (!status.ends_with("IN_PROGRESS")).then_some(status)
        })
        .await
    }

    /// The reasons of the resources of a stack that failed.
    pub(super) async fn why(&self, stack: &str) -> Result<String> {
        let events = self.operator("cloudformation", "DescribeStackEvents", json!({ "StackName": stack })).await?;
        let events = events["StackEvents"].as_array().into_iter().flatten();
        let failed = events
            .filter(|event| event["ResourceStatus"].as_str().is_some_and(|status| status.ends_with("_FAILED")))
            .map(|event| format!("{}: {}", event["LogicalResourceId"], event["ResourceStatusReason"]));
        Ok(failed.collect::<Vec<_>>().join("\n"))
    }

    async fn output(&self, stack: &str, key: &str) -> Result<String> {
        let found = self.operator("cloudformation", "DescribeStacks", json!({ "StackName": stack })).await?;
        let outputs = found["Stacks"][0]["Outputs"].as_array().into_iter().flatten();
        let output =
            outputs.filter(|output| output["OutputKey"] == key).find_map(|output| output["OutputValue"].as_str());
        Ok(output.with_context(|| format!("{stack} has no {key}"))?.to_owned())
    }

    /// The physical id of a resource of a stack.
    pub(super) async fn resource(&self, stack: &str, logical_id: &str) -> Result<String> {
        let input = json!({ "StackName": stack, "LogicalResourceId": logical_id });
        let found = self.operator("cloudformation", "DescribeStackResource", input).await?;
        let id = found["StackResourceDetail"]["PhysicalResourceId"].as_str();
        Ok(id.with_context(|| format!("{stack} has no {logical_id}"))?.to_owned())
    }

    /// The logical and physical ids of the resources of a type in a stack.
    pub(super) async fn resources(&self, stack: &str, kind: &str) -> Result<Vec<(String, String)>> {
        let found = self.operator("cloudformation", "DescribeStackResources", json!({ "StackName": stack })).await?;
        let all = found["StackResources"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(all
            .filter(|resource| resource["ResourceType"] == kind)
            .map(|resource| (text(&resource["LogicalResourceId"]), text(&resource["PhysicalResourceId"])))
            .collect())
    }
}
