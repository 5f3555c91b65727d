//! The deploy trigger, run in process: for the first release, when the stack that holds the function does not exist yet,
//! and for repositories whose stack never holds it. It is the function's own library over the real wire.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deploy_trigger::{Attempt, AwsPorts, Checksums, Deadline, Report, Settings};
use serde_json::{Value, json};
use slipway_local::Plane;
use slipway_shared::aws::AwsSettings;
use slipway_shared::release::{Queue, ReleaseState};
use slipway_shared::telemetry::Chain;

use super::bootstrap::Pipeline;
use super::chain::{self, Execution, Stack};
use super::names::Names;
use crate::console;
use crate::failure::Failure;

/// The pause between two looks at the chain.
const LOOK: Duration = Duration::from_millis(200);
/// The longest time of work on one event: a Lambda function's own longest time.
const PATIENCE: Duration = Duration::from_secs(900);

/// A deploy trigger for one stack.
#[derive(Debug)]
pub struct Trigger {
    ports: AwsPorts,
    settings: Settings,
    attempts: AtomicUsize,
}

impl Trigger {
    /// A trigger that speaks to the plane.
    ///
    /// # Errors
    /// Fails if the names are not such as the function would accept.
    pub fn new(plane: &Plane, names: &Names, pipeline: &Pipeline, checksums: Checksums) -> Result<Self, Failure> {
        let region = plane.hub().identity.region.clone();
        let environment = [
            ("AWS_REGION", region.as_str()),
            ("AWS_ACCESS_KEY_ID", "rehearsal"),
            ("AWS_SECRET_ACCESS_KEY", "rehearsal"),
            ("AWS_ENDPOINT_URL", plane.endpoint()),
        ];
        let refused =
            |error: &dyn std::fmt::Display| Failure::environment("the deploy trigger cannot be set up", error);
        let aws = AwsSettings::from_env(&environment).map_err(|error| refused(&error))?;
        let parameters = BTreeMap::from([
            ("PipelineName".to_owned(), names.pipeline.clone()),
            ("Architecture".to_owned(), super::bootstrap::architecture().to_owned()),
            // For templates that ask who issues their users' tokens. Later releases keep what the stack has.
            ("JwtIssuer".to_owned(), plane.issuer()),
            ("JwtAudience".to_owned(), slipway_local::DEFAULT_AUDIENCE.to_owned()),
            // The functions' own time is never scaled, and a minute of the plane is soon over.
            ("MetricsWindowSeconds".to_owned(), "1".to_owned()),
        ]);
        let settings = Settings {
            application: names.application.parse().map_err(|error| refused(&error))?,
            stage: names.stage.parse().map_err(|error| refused(&error))?,
            stack: names.stack.clone(),
            pipeline: names.pipeline.clone(),
            template: "template.yaml".to_owned(),
            artifact_bucket: pipeline.artifact_bucket.clone(),
            ledger_table: None,
            releases_table: pipeline.releases_table.clone(),
            topic_arn: None,
            execution_role_arn: Some(pipeline.execution_role.clone()),
            parameters,
            checksums,
            queue: Queue::default(),
        };
        Ok(Self { ports: AwsPorts::new(&aws, &settings), settings, attempts: AtomicUsize::default() })
    }

    /// Releases what a pipeline execution built.
    ///
    /// # Errors
    /// Fails if the release is refused.
    pub async fn release(&self, execution: &Execution) -> Result<(), Failure> {
        self.handle(json!({
            "version": "0", "id": execution.id, "source": "aws.codepipeline",
            "detail-type": "CodePipeline Pipeline Execution State Change",
            "account": "", "region": "", "time": "1970-01-01T00:00:00Z", "resources": [],
            "detail": { "pipeline": self.settings.pipeline, "execution-id": execution.id, "state": "SUCCEEDED", "version": 1 },
        }))
        .await
    }

    /// Closes the release that a stack's terminal status ends.
    ///
    /// # Errors
    /// Fails if the record cannot be closed.
    async fn close(&self, stack: &Stack, execution: &Execution) -> Result<(), Failure> {
        self.handle(json!({
            "version": "0", "id": execution.id, "source": "aws.cloudformation",
            "detail-type": "CloudFormation Stack Status Change",
            "account": "", "region": "", "time": "1970-01-01T00:00:00Z", "resources": [stack.id],
            "detail": {
                "stack-id": stack.id, "client-request-token": execution.id,
                "status-details": { "status": stack.status, "status-reason": stack.reason },
            },
        }))
        .await
    }

    /// Stands in for the rules that a stack with the function has: releases a commit's pipeline execution when it has
    /// succeeded, and closes the release when the stack is at rest.
    pub async fn follow(&self, chain: &chain::Chain, commit: &str) -> Infallible {
        let mut released = false;
        loop {
            tokio::time::sleep(LOOK).await;
            let Ok(Some(execution)) = chain.execution_of(commit).await else { continue };
            if execution.status != "Succeeded" {
                continue;
            }
            if !released {
                match self.release(&execution).await {
                    Ok(()) => released = true,
                    // The function's asynchronous invocation would be tried again, too.
                    Err(failure) => console::note(failure.text()),
                }
                continue;
            }
            if let Ok(Some(stack)) = chain.stack(&chain.names().stack).await
                && !stack.status.ends_with("_IN_PROGRESS")
                && let Err(failure) = self.close(&stack, &execution).await
            {
                console::note(failure.text());
            }
        }
    }

    async fn handle(&self, event: Value) -> Result<(), Failure> {
        let deadline = Deadline::at(jiff::Timestamp::now() + PATIENCE);
        // Boxed: the SDK's futures nest deeply.
        let number = self.attempts.fetch_add(1, Ordering::Relaxed);
        let holder = format!("rehearsal-{}#{number}", std::process::id());
        let attempt = Attempt::new(&self.ports, &self.settings, holder, deadline);
        match Box::pin(deploy_trigger::handle(&attempt, &event)).await {
            Ok(Report::Release { state: ReleaseState::Failed, reason, .. }) => {
                Err(Failure::SaidNo(format!("the release is refused: {}", reason.unwrap_or_default())))
            }
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::SaidNo(format!("the release is refused: {}", Chain(&error)))),
        }
    }
}
