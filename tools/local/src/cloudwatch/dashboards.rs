//! Dashboards: documents of widgets, kept and given back. Nothing draws them.

use serde_json::{Value, json};

use super::dashboard::{Dashboard, Dashboards};
use super::state::CloudWatch;
use super::values::{self, invalid, missing};
use crate::core::{Hub, Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most dashboards that one request deletes, and the most that a page lists.
const MOST_DELETED: usize = 100;
const PAGE: usize = 1000;

/// Operations on dashboards.
pub(super) const OPERATIONS: &[Operation<CloudWatch>] = &[
    Operation::now("PutDashboard", "DashboardName DashboardBody", |it: &CloudWatch, request| {
        put(&mut it.dashboards(), &request.input, it.hub.now())
    })
    .on_found(|it: &CloudWatch, input| vec![arn(&it.hub, input.opt_str("DashboardName").unwrap_or_default())]),
    Operation::now("GetDashboard", "DashboardName", |it: &CloudWatch, request| {
        get(&it.dashboards(), &it.hub, &request.input)
    })
    .on_found(|it: &CloudWatch, input| vec![arn(&it.hub, input.opt_str("DashboardName").unwrap_or_default())]),
    Operation::now("ListDashboards", "*", |it: &CloudWatch, request| list(&it.dashboards(), &it.hub, &request.input)),
    Operation::now("DeleteDashboards", "DashboardNames", |it: &CloudWatch, request| {
        delete(&mut it.dashboards(), &request.input)
    })
    .on_found(|it: &CloudWatch, input| input.strings("DashboardNames").iter().map(|name| arn(&it.hub, name)).collect()),
];

/// `PutDashboard`.
fn put(dashboards: &mut Dashboards, input: &Input, now: Timestamp) -> Reply {
    let name = name(input)?;
    let body = input.opt_str("DashboardBody").ok_or_else(|| missing("DashboardBody"))?;
    let faults = faults(body);
    if !faults.is_empty() {
        let message = format!("The dashboard body is invalid, there are {} validation errors.", faults.len());
        return Err(
            ServiceError::new("InvalidParameterInput", message).with_member("dashboardValidationMessages", faults)
        );
    }
    dashboards.0.insert(name.to_owned(), Dashboard { body: body.to_owned(), modified: now });
    Ok(json!({ "DashboardValidationMessages": [] }))
}

/// Lists the faults of a dashboard's body, which is an object with a list of widgets, each with its type and properties.
fn faults(body: &str) -> Vec<Value> {
    let fault = |path: String, message: &str| json!({ "DataPath": path, "Message": message });
    let Ok(Value::Object(document)) = serde_json::from_str::<Value>(body) else {
        return vec![fault("/".to_owned(), "The field DashboardBody must be a valid JSON object")];
    };
    let Some(widgets) = document.get("widgets").and_then(Value::as_array) else {
        return vec![fault("/".to_owned(), "Should have required property 'widgets'")];
    };
    let mut faults = Vec::new();
    for (place, widget) in widgets.iter().enumerate() {
        for member in ["type", "properties"] {
            if widget.get(member).is_none() {
                faults.push(fault(format!("/widgets/{place}"), &format!("Should have required property '{member}'")));
            }
        }
    }
    faults
}

/// `GetDashboard`.
fn get(dashboards: &Dashboards, hub: &Hub, input: &Input) -> Reply {
    let name = name(input)?;
    let dashboard = dashboards.0.get(name).ok_or_else(|| not_found(&[name]))?;
    Ok(json!({ "DashboardArn": arn(hub, name), "DashboardBody": dashboard.body, "DashboardName": name }))
}

/// `ListDashboards`.
fn list(dashboards: &Dashboards, hub: &Hub, input: &Input) -> Reply {
    let prefix = input.opt_str("DashboardNamePrefix").unwrap_or_default();
    let entries = dashboards.0.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(name, dashboard)| {
        let entry = json!({
            "DashboardName": name,
            "DashboardArn": arn(hub, name),
            "LastModified": dashboard.modified.epoch_seconds(),
            "Size": dashboard.body.len(),
        });
        (name.clone(), entry)
    });
    let (page, next) = values::page(input, entries.collect(), PAGE)?;
    Ok(json!({ "DashboardEntries": page, "NextToken": next }))
}

/// `DeleteDashboards`: those that are there, even when others are not.
fn delete(dashboards: &mut Dashboards, input: &Input) -> Reply {
    let names = input.strings("DashboardNames");
    if names.is_empty() {
        return Err(invalid("The parameter DashboardNames must not be empty."));
    }
    super::put::check_size("DashboardNames", names.len(), MOST_DELETED)?;
    let unknown: Vec<&str> =
        names.iter().filter(|name| dashboards.0.remove(*name).is_none()).map(String::as_str).collect();
    if unknown.is_empty() { Ok(json!({})) } else { Err(not_found(&unknown)) }
}

fn name(input: &Input) -> Result<&str, ServiceError> {
    let name = input.opt_str("DashboardName").ok_or_else(|| missing("DashboardName"))?;
    if name.len() > 255 {
        return Err(invalid("The value for field DashboardName must not be longer than 255 characters."));
    }
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        // The line end is AWS's.
        return Err(invalid(
            "The value for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n",
        ));
    }
    Ok(name)
}

fn not_found(names: &[&str]) -> ServiceError {
    let message = format!("The specified dashboard does not exist. [{}]", names.join(", "));
    ServiceError::new("ResourceNotFound", message).with_status(404)
}

/// Dashboards belong to no region.
fn arn(hub: &Hub, name: &str) -> String {
    format!("arn:aws:cloudwatch::{}:dashboard/{name}", hub.identity.account)
}
