//! Pipelines: declaring, showing, changing and removing them.

use serde_json::{Value, json};

use super::super::declaration::Declaration;
use super::super::describe;
use super::super::engine::admission::Start;
use super::super::execution::Trigger;
use super::super::work::CODEPIPELINE;
use super::page::page;
use super::state::CodePipeline;
use crate::core::{Arn, Input as Members, Reply, Request, ServiceError};
use crate::operations::Operation;
use crate::sts;

type Declared = Operation<CodePipeline>;

/// The roles that a declaration hands to CodePipeline.
const PASSES: &[(&str, &str)] =
    &[("pipeline.roleArn", CODEPIPELINE), ("pipeline.stages.actions.roleArn", CODEPIPELINE)];

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later(
        "CreatePipeline",
        "pipeline{name roleArn artifactStore{type location} artifactStores{type location} stages{name actions{name \
         actionTypeId runOrder configuration outputArtifacts{name} inputArtifacts{name} roleArn region namespace \
         timeoutInMinutes}} version executionMode pipelineType variables} tags",
        |codepipeline, request| Box::pin(codepipeline.create(request)),
    )
    .on_found(declared_arn)
    .passing(PASSES),
    Declared::later(
        "UpdatePipeline",
        "pipeline{name roleArn artifactStore{type location} artifactStores{type location} stages{name actions{name \
         actionTypeId runOrder configuration outputArtifacts{name} inputArtifacts{name} roleArn region namespace \
         timeoutInMinutes}} version executionMode pipelineType variables}",
        |codepipeline, request| Box::pin(codepipeline.update(request)),
    )
    .on_found(declared_arn)
    .passing(PASSES),
    Declared::now("GetPipeline", "name version", |codepipeline, request| codepipeline.get(&request.input)).on("{name}"),
    Declared::now("DeletePipeline", "name", |codepipeline, request| codepipeline.delete(&request.input)).on("{name}"),
    Declared::now("ListPipelines", "nextToken maxResults", |codepipeline, request| codepipeline.list(&request.input)),
    Declared::now("GetPipelineState", "name", |codepipeline, request| codepipeline.state(&request.input)).on("{name}"),
];

fn declared_arn(codepipeline: &CodePipeline, input: &Members) -> Vec<String> {
    let name = input.object("pipeline").opt_str("name").unwrap_or("*").to_owned();
    vec![codepipeline.hub.arn("codepipeline", &name)]
}

impl CodePipeline {
    /// Makes the pipeline and starts it, as AWS does.
    async fn create(&self, request: &Request) -> Reply {
        let input = &request.input;
        let declaration = self.checked(input).await?;
        self.check_tags(&declaration.name, input)?;
        let name = declaration.name.clone();
        let kind = "CreatePipeline".to_owned();
        let detail = request.caller.arn(&self.hub.identity.account);
        let variables = declaration.variables.iter().all(|(_, default)| default.is_some());
        let shown = self.ask(|engine, now| {
            engine.create(declaration, now)?;
            // Variables without defaults must be given: such a pipeline cannot start by itself.
            if variables {
                let trigger = Trigger { kind, detail };
                engine.start(Start::of(&name, trigger), now)?;
            }
            Ok(describe::declaration(engine.pipeline(&name)?.latest()))
        })?;
        self.set_tags(&name, input);
        Ok(json!({ "pipeline": shown, "tags": input.list("tags") }))
    }

    async fn update(&self, request: &Request) -> Reply {
        let declaration = self.checked(&request.input).await?;
        let name = declaration.name.clone();
        self.ask(|engine, now| {
            engine.update(declaration, now)?;
            Ok(json!({ "pipeline": describe::declaration(engine.pipeline(&name)?.latest()) }))
        })
    }

    /// The declaration of a request, whose role lets CodePipeline in.
    async fn checked(&self, input: &Members) -> Result<Declaration, ServiceError> {
        let declaration = Declaration::read(input.get("pipeline").unwrap_or(&Value::Null))?;
        let actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
        let own = &self.hub.identity.region;
        if let Some(region) = actions.filter_map(|action| action.region.as_ref()).find(|region| *region != own) {
            return Err(ServiceError::not_implemented("codepipeline", &format!("actions in the region {region}")));
        }
        let role = &declaration.role;
        if self.is_closed(role).await {
            let text = format!("CodePipeline is not authorized to perform AssumeRole on role {role}");
            return Err(ServiceError::new("InvalidStructureException", text));
        }
        Ok(declaration)
    }

    /// True if there is such a role and it does not let CodePipeline in. Assumed: one that is not there yet is found out when an
    /// execution begins.
    async fn is_closed(&self, role: &str) -> bool {
        let session = self.hub.now().as_millis().to_string();
        if sts::session(&self.hub, role, &session, CODEPIPELINE).await.is_ok() {
            return false;
        }
        let name = Arn::parse(role).map(|arn| arn.name().to_owned()).unwrap_or_default();
        self.hub.call("iam", "GetRole", json!({ "RoleName": name })).await.is_ok()
    }

    fn get(&self, input: &Members) -> Reply {
        let name = input.str("name")?;
        self.read(|engine| {
            let pipeline = engine.pipeline(name)?;
            let asked = input.opt_i64("version").and_then(|version| u64::try_from(version).ok());
            let shown = pipeline.at(asked.unwrap_or(pipeline.version)).ok_or_else(|| {
                let text = format!("The pipeline '{name}' does not have version {}", asked.unwrap_or_default());
                ServiceError::new("PipelineVersionNotFoundException", text)
            })?;
            Ok(json!({
                "pipeline": describe::declaration(shown),
                "metadata": {
                    "pipelineArn": self.hub.arn("codepipeline", name),
                    "created": pipeline.created.epoch_seconds(), "updated": pipeline.updated.epoch_seconds(),
                },
            }))
        })
    }

    /// One that does not exist is no error.
    fn delete(&self, input: &Members) -> Reply {
        let name = input.str("name")?;
        self.ask(|engine, _| {
            engine.delete(name);
            Ok(())
        })?;
        self.forget_tags(name);
        Ok(json!({}))
    }

    fn list(&self, input: &Members) -> Reply {
        let all = self.read(|engine| {
            let named = engine.pipelines().map(|found| (found.declaration.name.clone(), describe::listed(found)));
            Ok(named.collect::<Vec<_>>())
        })?;
        page(input, "pipelines", &all, "")
    }

    fn state(&self, input: &Members) -> Reply {
        self.read(|engine| Ok(describe::state(engine, engine.pipeline(input.str("name")?)?)))
    }
}
