//! The operations of applications.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::catalog::{Application, Catalog};
use super::engine::Deployments;
use super::platform::Platform;
use super::service::CodeDeploy;
use super::{arns, names, tags};
use crate::core::{Hub, Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most applications of an account in a region.
/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>
const MOST: usize = 1000;
/// The most applications that one batch asks for.
const BATCH: usize = 100;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("CreateApplication", "*", |service, request| {
        service.catalog(|catalog| create(catalog, &service.hub, &request.input))
    })
    .on("application:{applicationName}"),
    Declared::now("UpdateApplication", "*", |service, request| {
        service.catalog(|catalog| {
            service.deployments.apply(|engine, _| (rename(catalog, engine, &request.input), Vec::new()))
        })
    })
    .on("application:{applicationName}"),
    Declared::now("GetApplication", "*", |service, request| {
        service.catalog(|catalog| get(catalog, request.input.str("applicationName")?))
    })
    .on("application:{applicationName}"),
    Declared::now("BatchGetApplications", "*", |service, request| {
        service.catalog(|catalog| batch_get(catalog, &request.input))
    })
    .on_found(|service, input| {
        input.strings("applicationNames").iter().map(|name| arns::application(&service.hub, name)).collect()
    }),
    Declared::now("ListApplications", "*", |service, request| service.catalog(|catalog| list(catalog, &request.input)))
        .on("application:*"),
    Declared::now("DeleteApplication", "*", |service, request| {
        // One that does not exist is no error; its groups and revisions go with it.
        let name = request.input.str("applicationName")?;
        service.catalog(|catalog| catalog.applications.remove(name));
        Ok(json!({}))
    })
    .on("application:{applicationName}"),
];

/// `CreateApplication`.
fn create(catalog: &mut Catalog, hub: &Hub, input: &Input) -> Reply {
    let name = input.str("applicationName")?;
    free(catalog, name)?;
    if catalog.applications.len() >= MOST {
        let message = format!("The account has {MOST} applications already");
        return Err(ServiceError::new("ApplicationLimitExceededException", message));
    }
    let application = Application {
        id: hub.ids.uuid(),
        platform: Platform::of(input),
        created: hub.now(),
        groups: BTreeMap::new(),
        revisions: Vec::new(),
        tags: tags::read(input.list("tags"))?,
    };
    let reply = json!({ "applicationId": application.id });
    catalog.applications.insert(name.to_owned(), application);
    Ok(reply)
}

fn free(catalog: &Catalog, name: &str) -> Result<(), ServiceError> {
    if !catalog.applications.contains_key(name) {
        return Ok(());
    }
    Err(ServiceError::new("ApplicationAlreadyExistsException", format!("Application already exists: {name}")))
}

/// `UpdateApplication`: gives it another name.
fn rename(catalog: &mut Catalog, deployments: &mut Deployments, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    catalog.application(name)?;
    let Some(new) = input.opt_str("newApplicationName") else { return Ok(json!({})) };
    free(catalog, new)?;
    if let Some(application) = catalog.applications.remove(name) {
        catalog.applications.insert(new.to_owned(), application);
        deployments.rename_application(name, new);
    }
    Ok(json!({}))
}

fn get(catalog: &Catalog, name: &str) -> Reply {
    Ok(json!({ "application": info(name, catalog.application(name)?) }))
}

fn batch_get(catalog: &Catalog, input: &Input) -> Reply {
    let wanted = names::batch(input, "applicationNames", "ApplicationName", BATCH)?;
    let infos = wanted
        .iter()
        .map(|name| Ok(info(name, catalog.application(name)?)))
        .collect::<Result<Vec<Value>, ServiceError>>()?;
    Ok(json!({ "applicationsInfo": infos }))
}

fn list(catalog: &Catalog, input: &Input) -> Reply {
    let all = catalog.applications.keys().map(|name| (name.as_str(), json!(name)));
    let page = names::page("ListApplications", input, all)?;
    Ok(json!({ "applications": page.items, "nextToken": page.next }))
}

fn info(name: &str, application: &Application) -> Value {
    json!({
        "applicationId": application.id,
        "applicationName": name,
        "createTime": application.created.epoch_seconds(),
        "linkedToGitHub": false,
        "computePlatform": application.platform.as_str(),
    })
}
