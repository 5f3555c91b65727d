//! The operations of CodeDeploy.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Driver, Hub, Input, Reply, Request, Service, ServiceError};

use super::act::act;
use super::appspec::AppSpec;
use super::catalog::Catalog;
use super::engine::Deployments;
use super::{applications, configs, deployments, describe, groups, names, revisions, tags};

/// CodeDeploy on the Lambda platform.
pub(super) struct CodeDeploy {
    hub: Arc<Hub>,
    catalog: Arc<Mutex<Catalog>>,
    deployments: Driver<Deployments>,
}

impl CodeDeploy {
    /// The service; its engine begins to run.
    pub(super) fn start(hub: &Arc<Hub>) -> Self {
        let catalog = Arc::new(Mutex::new(Catalog::new(&hub.ids, hub.now())));
        let (acting_hub, acting_catalog) = (Arc::clone(hub), Arc::clone(&catalog));
        let deployments = Driver::start(Deployments::new(hub.ids.clone()), hub.clock.clone(), move |effect| {
            act(&acting_hub, &acting_catalog, effect)
        });
        Self { hub: Arc::clone(hub), catalog, deployments }
    }

    fn catalog<T>(&self, with: impl FnOnce(&mut Catalog) -> T) -> T {
        with(&mut self.catalog.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn run(&self, request: Request) -> Reply {
        let (input, hub, now) = (&request.input, &*self.hub, self.hub.now());
        match request.operation.as_str() {
            "CreateApplication" => self.catalog(|catalog| applications::create(catalog, hub, input)),
            "UpdateApplication" => self.catalog(|catalog| applications::rename(catalog, input)),
            "GetApplication" => self.catalog(|catalog| applications::get(catalog, input)),
            "BatchGetApplications" => self.catalog(|catalog| applications::batch_get(catalog, input)),
            "ListApplications" => self.catalog(|catalog| applications::list(catalog, input)),
            "DeleteApplication" => self.catalog(|catalog| applications::delete(catalog, hub, input)),
            "CreateDeploymentGroup" => self.catalog(|catalog| groups::create(catalog, hub, input)),
            "ListDeploymentGroups" => self.catalog(|catalog| groups::list(catalog, input)),
            "DeleteDeploymentGroup" => self.catalog(|catalog| groups::delete(catalog, hub, input)),
            "CreateDeploymentConfig" => self.catalog(|catalog| configs::create(catalog, &hub.ids, input, now)),
            "GetDeploymentConfig" => self.catalog(|catalog| configs::get(catalog, input)),
            "ListDeploymentConfigs" => self.catalog(|catalog| configs::list(catalog, input)),
            "DeleteDeploymentConfig" => self.catalog(|catalog| configs::delete(catalog, input)),
            "GetApplicationRevision" => self.catalog(|catalog| revisions::get(catalog, input)),
            "BatchGetApplicationRevisions" => self.catalog(|catalog| revisions::batch_get(catalog, input)),
            "ListApplicationRevisions" => self.catalog(|catalog| revisions::list(catalog, input)),
            "TagResource" => self.catalog(|catalog| tags::tag(catalog, input)),
            "UntagResource" => self.catalog(|catalog| tags::untag(catalog, input)),
            "ListTagsForResource" => self.catalog(|catalog| tags::list(catalog, input)),
            "RegisterApplicationRevision" => {
                let (_, location) = revisions::resolve(hub, input.get("revision")).await?;
                self.catalog(|catalog| revisions::register(catalog, input, &location, now))
            }
            _ => self.run_on_deployments(&request).await,
        }
    }

    async fn run_on_deployments(&self, request: &Request) -> Reply {
        let input = &request.input;
        match request.operation.as_str() {
            "UpdateDeploymentGroup" => self.catalog(|catalog| {
                self.deployments.apply(|engine, _| (groups::update(catalog, engine, input), Vec::new()))
            }),
            "GetDeploymentGroup" => {
                self.catalog(|catalog| self.deployments.read(|engine| groups::get(catalog, engine, input)))
            }
            "BatchGetDeploymentGroups" => {
                self.catalog(|catalog| self.deployments.read(|engine| groups::batch_get(catalog, engine, input)))
            }
            "ListDeployments" => {
                self.catalog(|catalog| self.deployments.read(|engine| deployments::list(catalog, engine, input)))
            }
            "CreateDeployment" => self.create_deployment(request).await,
            "GetDeployment" => self.deployments.read(|engine| deployments::get(engine, input)),
            "BatchGetDeployments" => self.deployments.read(|engine| deployments::batch_get(engine, input)),
            "ListDeploymentTargets" => self.deployments.read(|engine| deployments::list_targets(engine, input)),
            "GetDeploymentTarget" => self.get_target(input),
            "BatchGetDeploymentTargets" => self.batch_get_targets(input),
            "StopDeployment" => self.stop(input),
            "PutLifecycleEventHookExecutionStatus" => self.put_hook_status(input),
            "ContinueDeployment" | "SkipWaitTimeForInstanceTermination" => self.unsupported_on_lambda(input),
            other => Err(ServiceError::not_implemented("codedeploy", other)),
        }
    }

    async fn create_deployment(&self, request: &Request) -> Reply {
        let input = &request.input;
        let application = names::name(input, "applicationName", "ApplicationName")?;
        let group = names::name(input, "deploymentGroupName", "DeploymentGroupName")?;
        self.catalog(|catalog| catalog.group(&application, &group).map(|_| ()))?;
        let (content, revision) = revisions::resolve(&self.hub, input.get("revision")).await?;
        let appspec = AppSpec::parse(&content)?;
        let order = deployments::Order { input, inside: !request.over_the_wire, revision: revision.clone(), appspec };
        self.catalog(|catalog| {
            let id = self.deployments.apply(|engine, now| {
                let plan = match deployments::plan(catalog, engine, &self.hub.ids, order) {
                    Ok(plan) => plan,
                    Err(error) => return (Err(error), Vec::new()),
                };
                let id = plan.id.clone();
                let (created, effects) = engine.create(plan, now);
                (created.map(|()| id), effects)
            })?;
            revisions::record(catalog, &application, &revision, Some(&group), self.hub.now())?;
            Ok(json!({ "deploymentId": id }))
        })
    }

    fn get_target(&self, input: &Input) -> Reply {
        self.deployments.read(|engine| {
            let deployment = deployments::named(engine, input)?;
            deployments::check_target(deployment, input.opt_str("targetId"))?;
            Ok(json!({ "deploymentTarget": describe::target(&self.hub, deployment) }))
        })
    }

    fn batch_get_targets(&self, input: &Input) -> Reply {
        let ids = input.strings("targetIds");
        self.deployments.read(|engine| {
            let deployment = deployments::named(engine, input)?;
            if ids.is_empty() {
                deployments::check_target(deployment, None)?;
            }
            for id in &ids {
                deployments::check_target(deployment, Some(id))?;
            }
            let targets: Vec<Value> = ids.iter().map(|_| describe::target(&self.hub, deployment)).collect();
            Ok(json!({ "deploymentTargets": targets }))
        })
    }

    fn stop(&self, input: &Input) -> Reply {
        let id = names::deployment_id(input)?;
        let auto_rollback = input.opt_bool("autoRollbackEnabled");
        let status = self.deployments.apply(|engine, now| engine.stop(&id, auto_rollback, now))?;
        let stopped = status.as_str() != "InProgress";
        Ok(json!({
            "status": if stopped { "Succeeded" } else { "Pending" },
            "statusMessage": if stopped { "The deployment was stopped" } else { "The deployment is being stopped" },
        }))
    }

    fn put_hook_status(&self, input: &Input) -> Reply {
        let id = names::deployment_id(input)?;
        let execution = input.opt_str("lifecycleEventHookExecutionId").unwrap_or_default().to_owned();
        let succeeded = match input.opt_str("status") {
            Some("Succeeded") => true,
            Some("Failed") => false,
            other => {
                let message = format!(
                    "{} cannot be set: the status of a hook is Succeeded or Failed",
                    other.unwrap_or("no status")
                );
                return Err(ServiceError::new("InvalidLifecycleEventHookExecutionStatusException", message));
            }
        };
        self.deployments.apply(|engine, now| engine.answer_hook(&id, &execution, succeeded, now))?;
        Ok(json!({ "lifecycleEventHookExecutionId": execution }))
    }

    fn unsupported_on_lambda(&self, input: &Input) -> Reply {
        let id = self.deployments.read(|engine| deployments::named(engine, input).map(|it| it.plan.id.clone()))?;
        let message = format!("The deployment {id} is one of the Lambda platform, which has nothing to continue");
        Err(ServiceError::new("UnsupportedActionForDeploymentTypeException", message))
    }
}

impl Service for CodeDeploy {
    fn name(&self) -> &'static str {
        "codedeploy"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        async move { self.run(request).await.map(without_nulls) }.boxed()
    }
}

/// AWS leaves members out that have no value.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name, without_nulls(member)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
