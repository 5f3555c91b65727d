//! Applications.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::{Hub, Input, Reply, ServiceError};

use super::catalog::{Application, Catalog};
use super::{names, tags};

/// `CreateApplication`.
pub(super) fn create(catalog: &mut Catalog, hub: &Hub, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    match input.opt_str("computePlatform") {
        Some("Lambda") => {}
        // An application for servers is what AWS makes when no platform is named.
        None | Some("Server" | "ECS") => return Err(super::other_platform("CreateApplication")),
        Some(_) => return Err(super::unknown_platform()),
    }
    if catalog.applications.contains_key(&name) {
        let message = format!("Application already exists: {name}");
        return Err(ServiceError::new("ApplicationAlreadyExistsException", message));
    }
    let application =
        Application { id: hub.ids.uuid(), created: hub.now(), groups: BTreeMap::new(), revisions: Vec::new() };
    let reply = json!({ "applicationId": application.id });
    catalog.applications.insert(name.clone(), application);
    tags::put(catalog, &arn(hub, &name), input.list("tags"))?;
    Ok(reply)
}

/// `UpdateApplication`: gives it another name.
pub(super) fn rename(catalog: &mut Catalog, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    catalog.application(&name)?;
    let Some(new) = input.opt_str("newApplicationName") else { return Ok(json!({})) };
    let new = names::checked(new, "ApplicationName")?;
    if catalog.applications.contains_key(&new) {
        let message = format!("Application already exists: {new}");
        return Err(ServiceError::new("ApplicationAlreadyExistsException", message));
    }
    if let Some(application) = catalog.applications.remove(&name) {
        catalog.applications.insert(new, application);
    }
    Ok(json!({}))
}

/// `GetApplication`.
pub(super) fn get(catalog: &Catalog, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    Ok(json!({ "application": info(&name, catalog.application(&name)?) }))
}

/// `BatchGetApplications`.
pub(super) fn batch_get(catalog: &Catalog, input: &Input) -> Reply {
    let wanted = input.strings("applicationNames");
    if wanted.is_empty() {
        return Err(ServiceError::new("ApplicationNameRequiredException", "applicationNames is required"));
    }
    let infos = wanted
        .iter()
        .map(|name| Ok(info(name, catalog.application(name)?)))
        .collect::<Result<Vec<Value>, ServiceError>>()?;
    Ok(json!({ "applicationsInfo": infos }))
}

/// `ListApplications`.
pub(super) fn list(catalog: &Catalog, input: &Input) -> Reply {
    let names: Vec<Value> = catalog.applications.keys().map(|name| json!(name)).collect();
    let (page, next) = names::page(input, names, 100)?;
    Ok(json!({ "applications": page, "nextToken": next }))
}

/// `DeleteApplication`: with its groups and revisions. One that does not exist is no error.
pub(super) fn delete(catalog: &mut Catalog, hub: &Hub, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    catalog.applications.remove(&name);
    catalog.tags.remove(&arn(hub, &name));
    Ok(json!({}))
}

/// The application's ARN.
pub(super) fn arn(hub: &Hub, name: &str) -> String {
    hub.arn("codedeploy", &format!("application:{name}"))
}

fn info(name: &str, application: &Application) -> Value {
    json!({
        "applicationId": application.id,
        "applicationName": name,
        "createTime": application.created.epoch_seconds(),
        "linkedToGitHub": false,
        "computePlatform": "Lambda",
    })
}
