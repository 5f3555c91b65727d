//! The operations on stages and deployments.

use serde_json::Value;

use super::members::required;
use super::page::page;
use super::stage::{Stage, no_such_stage};
use super::state::{ApiGateway, DELETE, Declared, GET, PATCH, POST};
use crate::core::{Reply, Request, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("CreateDeployment", "ApiId Description StageName", |state, request| {
        state.with_api(&request.input, |api| api.create_deployment(&state.hub.ids, state.hub.now(), &request.input))
    })
    .on("/apis/{ApiId}/deployments")
    .called(POST),
    Declared::now("GetDeployments", "ApiId MaxResults NextToken", |state, request| {
        state.with_api(&request.input, |api| {
            page(request, api.deployments.iter().map(|(id, item)| (id.as_str(), item.describe(id))))
        })
    })
    .on("/apis/{ApiId}/deployments")
    .called(GET),
    Declared::now("GetDeployment", "ApiId DeploymentId", |state, request| {
        let id = required(&request.input, "DeploymentId")?;
        state.with_api(&request.input, |api| Ok(api.deployment(id)?.describe(id)))
    })
    .on("/apis/{ApiId}/deployments/{DeploymentId}")
    .called(GET),
    Declared::now("UpdateDeployment", "ApiId DeploymentId Description", |state, request| {
        let id = required(&request.input, "DeploymentId")?;
        state.with_api(&request.input, |api| api.update_deployment(id, &request.input))
    })
    .on("/apis/{ApiId}/deployments/{DeploymentId}")
    .called(PATCH),
    Declared::now("DeleteDeployment", "ApiId DeploymentId", |state, request| {
        let id = required(&request.input, "DeploymentId")?;
        state.with_api(&request.input, |api| api.remove_deployment(id).map(|()| Value::Null))
    })
    .on("/apis/{ApiId}/deployments/{DeploymentId}")
    .called(DELETE),
    Declared::now(
        "CreateStage",
        "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings DeploymentId Description RouteSettings StageName \
         StageVariables Tags",
        |state, request| {
            state.with_api(&request.input, |api| {
                let name = api.create_stage(&state.hub.ids, &request.input, state.hub.now())?;
                Ok(api.stage(&name)?.describe(&name))
            })
        },
    )
    .on("/apis/{ApiId}/stages")
    .called(POST),
    Declared::now("GetStages", "ApiId MaxResults NextToken", |state, request| {
        state.with_api(&request.input, |api| {
            page(request, api.stages.iter().map(|(name, item)| (name.as_str(), item.describe(name))))
        })
    })
    .on("/apis/{ApiId}/stages")
    .called(GET),
    Declared::now("GetStage", "ApiId StageName", |state, request| {
        let name = required(&request.input, "StageName")?;
        state.with_api(&request.input, |api| Ok(api.stage(name)?.describe(name)))
    })
    .on("/apis/{ApiId}/stages/{StageName}")
    .called(GET),
    Declared::now(
        "UpdateStage",
        "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings DeploymentId Description RouteSettings StageName \
         StageVariables",
        |state, request| {
            state.with_api(&request.input, |api| {
                let name = api.update_stage(&state.hub.ids, &request.input, state.hub.now())?;
                Ok(api.stage(&name)?.describe(&name))
            })
        },
    )
    .on("/apis/{ApiId}/stages/{StageName}")
    .called(PATCH),
    Declared::now("DeleteStage", "ApiId StageName", |state, request| {
        let name = required(&request.input, "StageName")?;
        state.with_api(&request.input, |api| api.stages.remove(name).map(|_| Value::Null).ok_or_else(no_such_stage))
    })
    .on("/apis/{ApiId}/stages/{StageName}")
    .called(DELETE),
    Declared::now("DeleteAccessLogSettings", "ApiId StageName", |state, request| {
        state.on_stage(request, |stage| stage.forget("AccessLogSettings", None, state.hub.now()))
    })
    .on("/apis/{ApiId}/stages/{StageName}/accesslogsettings")
    .called(DELETE),
    Declared::now("DeleteRouteSettings", "ApiId RouteKey StageName", |state, request| {
        let key = required(&request.input, "RouteKey")?;
        state.on_stage(request, |stage| stage.forget("RouteSettings", Some(key), state.hub.now()))
    })
    .on("/apis/{ApiId}/stages/{StageName}/routesettings/{RouteKey}")
    .called(DELETE),
    Declared::now("ResetAuthorizersCache", "ApiId StageName", |state, request| {
        let api = required(&request.input, "ApiId")?;
        let name = required(&request.input, "StageName")?;
        state.on_stage(request, |_| {
            state.shared.verdicts.forget(|key| key.api == api && key.stage == name);
            Ok(())
        })
    })
    .on("/apis/{ApiId}/stages/{StageName}/cache/authorizers")
    .called(DELETE),
];

impl ApiGateway {
    /// Does something with the stage that a request names, and answers nothing.
    fn on_stage(&self, request: &Request, act: impl FnOnce(&mut Stage) -> Result<(), ServiceError>) -> Reply {
        let name = required(&request.input, "StageName")?;
        self.with_api(&request.input, |api| {
            act(api.stages.get_mut(name).ok_or_else(no_such_stage)?).map(|()| Value::Null)
        })
    }
}
