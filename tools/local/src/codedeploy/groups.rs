//! The operations of deployment groups.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::catalog::{Catalog, DeploymentGroup};
use super::engine::{Deployment, Deployments};
use super::service::CodeDeploy;
use super::{arns, names, roles, settings, tags};
use crate::core::{Hub, Input, Reply, Request, ServiceError};
use crate::operations::Operation;

/// The most groups of an application.
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>
const MOST: usize = 1000;
/// The most groups that one batch asks for.
const BATCH: usize = 100;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later("CreateDeploymentGroup", "*", create)
        .on("deploymentgroup:{applicationName}/{deploymentGroupName}")
        .passing(&[("serviceRoleArn", roles::SERVICE)]),
    Declared::later("UpdateDeploymentGroup", "*", update)
        .on("deploymentgroup:{applicationName}/{currentDeploymentGroupName}")
        .passing(&[("serviceRoleArn", roles::SERVICE)]),
    Declared::now("GetDeploymentGroup", "*", |service, request| {
        service.catalog(|catalog| service.deployments.read(|engine| get(catalog, engine, &request.input)))
    })
    .on("deploymentgroup:{applicationName}/{deploymentGroupName}"),
    Declared::now("BatchGetDeploymentGroups", "*", |service, request| {
        service.catalog(|catalog| service.deployments.read(|engine| batch_get(catalog, engine, &request.input)))
    })
    .on_found(|service, input| {
        let application = input.opt_str("applicationName").unwrap_or("*");
        input.strings("deploymentGroupNames").iter().map(|name| arns::group(&service.hub, application, name)).collect()
    }),
    Declared::now("ListDeploymentGroups", "*", |service, request| {
        service.catalog(|catalog| list(catalog, &request.input))
    })
    .on("application:{applicationName}"),
    Declared::now("DeleteDeploymentGroup", "*", |service, request| {
        service.catalog(|catalog| delete(catalog, &request.input))
    })
    .on("deploymentgroup:{applicationName}/{deploymentGroupName}"),
];

fn create<'a>(service: &'a CodeDeploy, request: &'a Request) -> BoxFuture<'a, Reply> {
    let (input, hub) = (&request.input, &service.hub);
    Box::pin(async move {
        service.catalog(|catalog| new(catalog, hub, input))?;
        roles::check(hub, input.str("serviceRoleArn")?).await?;
        service.catalog(|catalog| {
            let group = new(catalog, hub, input)?;
            let reply = json!({ "deploymentGroupId": group.id });
            let (application, name) = (input.str("applicationName")?, input.str("deploymentGroupName")?);
            catalog.application_mut(application)?.groups.insert(name.to_owned(), group);
            Ok(reply)
        })
    })
}

/// The group that a request asks for.
fn new(catalog: &Catalog, hub: &Hub, input: &Input) -> Result<DeploymentGroup, ServiceError> {
    let application = catalog.application(input.str("applicationName")?)?;
    let name = input.str("deploymentGroupName")?;
    if application.groups.contains_key(name) {
        return Err(taken(name));
    }
    if application.groups.len() >= MOST {
        let message = format!("The application has {MOST} deployment groups already");
        return Err(ServiceError::new("DeploymentGroupLimitExceededException", message));
    }
    let mut settings = settings::read(catalog, application.platform, input)?;
    settings::fill_in(application.platform, &mut settings);
    Ok(DeploymentGroup { id: hub.ids.uuid(), settings, tags: tags::read(input.list("tags"))? })
}

fn taken(name: &str) -> ServiceError {
    ServiceError::new("DeploymentGroupAlreadyExistsException", format!("Deployment Group already exists: {name}"))
}

/// Members that are given replace those that are kept. A running deployment keeps what it began with.
fn update<'a>(service: &'a CodeDeploy, request: &'a Request) -> BoxFuture<'a, Reply> {
    let input = &request.input;
    Box::pin(async move {
        service.catalog(|catalog| updated(catalog, input).map(drop))?;
        if let Some(role) = input.opt_str("serviceRoleArn") {
            roles::check(&service.hub, role).await?;
        }
        service.catalog(|catalog| {
            let (application, name) = (input.str("applicationName")?, input.str("currentDeploymentGroupName")?);
            let group = updated(catalog, input)?;
            let new = input.opt_str("newDeploymentGroupName").unwrap_or(name);
            let groups = &mut catalog.application_mut(application)?.groups;
            groups.remove(name);
            service.deployments.apply(|engine, _| (engine.rename_group(&group.id, new), Vec::new()));
            groups.insert(new.to_owned(), group);
            Ok(json!({ "hooksNotCleanedUp": [] }))
        })
    })
}

/// The group as a request leaves it.
fn updated(catalog: &Catalog, input: &Input) -> Result<DeploymentGroup, ServiceError> {
    let (application, name) = (input.str("applicationName")?, input.str("currentDeploymentGroupName")?);
    let mut group = catalog.group(application, name)?.clone();
    let application = catalog.application(application)?;
    settings::update(&mut group.settings, settings::read(catalog, application.platform, input)?);
    match input.opt_str("newDeploymentGroupName") {
        Some(new) if new != name && application.groups.contains_key(new) => Err(taken(new)),
        _ => Ok(group),
    }
}

fn get(catalog: &Catalog, deployments: &Deployments, input: &Input) -> Reply {
    let (application, name) = (input.str("applicationName")?, input.str("deploymentGroupName")?);
    Ok(json!({ "deploymentGroupInfo": info(catalog, application, name, deployments)? }))
}

fn batch_get(catalog: &Catalog, deployments: &Deployments, input: &Input) -> Reply {
    let application = input.str("applicationName")?;
    catalog.application(application)?;
    let (mut infos, mut missing) = (Vec::new(), Vec::new());
    for name in names::batch(input, "deploymentGroupNames", "DeploymentGroupName", BATCH)? {
        match info(catalog, application, &name, deployments) {
            Ok(info) => infos.push(info),
            Err(error) => missing.push(error.message),
        }
    }
    let message = Some(missing.join("; ")).filter(|message| !message.is_empty());
    Ok(json!({ "deploymentGroupsInfo": infos, "errorMessage": message }))
}

fn list(catalog: &Catalog, input: &Input) -> Reply {
    let application = input.str("applicationName")?;
    let groups = &catalog.application(application)?.groups;
    let page = names::page("ListDeploymentGroups", input, groups.keys().map(|name| (name.as_str(), json!(name))))?;
    Ok(json!({ "applicationName": application, "deploymentGroups": page.items, "nextToken": page.next }))
}

/// One that does not exist is no error. A running deployment goes on.
fn delete(catalog: &mut Catalog, input: &Input) -> Reply {
    if let Ok(application) = catalog.application_mut(input.str("applicationName")?) {
        application.groups.remove(input.str("deploymentGroupName")?);
    }
    Ok(json!({ "hooksNotCleanedUp": [] }))
}

fn info(catalog: &Catalog, application: &str, name: &str, deployments: &Deployments) -> Result<Value, ServiceError> {
    let group = catalog.group(application, name)?;
    let own = |deployment: &&Deployment| deployment.plan.group_id == group.id;
    let attempted = deployments.newest_first().find(own);
    let succeeded = deployments.newest_first().filter(own).find(|it| it.status.as_str() == "Succeeded");
    let mut info = json!({
        "applicationName": application,
        "deploymentGroupId": group.id,
        "deploymentGroupName": name,
        "computePlatform": catalog.application(application)?.platform.as_str(),
        "targetRevision": succeeded.map(|deployment| deployment.plan.revision.clone()),
        "lastSuccessfulDeployment": succeeded.map(last),
        "lastAttemptedDeployment": attempted.map(last),
    });
    if let Some(info) = info.as_object_mut() {
        info.extend(group.settings.clone());
    }
    Ok(info)
}

fn last(deployment: &Deployment) -> Value {
    json!({
        "deploymentId": deployment.plan.id,
        "status": deployment.status.as_str(),
        "createTime": deployment.created.epoch_seconds(),
        "endTime": deployment.completed.map(|at| at.epoch_seconds()),
    })
}
