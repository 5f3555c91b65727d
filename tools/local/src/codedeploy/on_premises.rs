//! On-premises instances: a registry of machines with tags. Nothing is deployed to them.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/instances-on-premises.html>

use serde_json::{Value, json};

use super::catalog::Catalog;
use super::instance::{Identity, Instance};
use super::service::CodeDeploy;
use super::tag_set::Tags;
use super::{filters, names};
use crate::core::{Arn, Hub, Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most tags of an instance.
const MOST_TAGS: usize = 10;
/// The most instances that one batch asks for.
const BATCH: usize = 100;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("RegisterOnPremisesInstance", "*", |service, request| {
        service.catalog(|catalog| register(catalog, &service.hub, &request.input))
    })
    .on("instance:{instanceName}"),
    Declared::now("DeregisterOnPremisesInstance", "*", |service, request| {
        service.catalog(|catalog| {
            let name = request.input.str("instanceName")?;
            if let Some(instance) = catalog.instances.get_mut(name).filter(|it| it.deregistered.is_none()) {
                instance.deregistered = Some(service.hub.now());
            }
            Ok(json!({}))
        })
    })
    .on("instance:{instanceName}"),
    Declared::now("GetOnPremisesInstance", "*", |service, request| {
        service.catalog(|catalog| {
            let name = request.input.str("instanceName")?;
            let instance = catalog.instances.get(name).ok_or_else(|| not_registered(name))?;
            Ok(json!({ "instanceInfo": instance.info(name) }))
        })
    })
    .on("instance:{instanceName}"),
    Declared::now("BatchGetOnPremisesInstances", "*", |service, request| {
        service.catalog(|catalog| {
            let wanted = names::batch(&request.input, "instanceNames", "InstanceName", BATCH)?;
            let found = wanted.iter().filter_map(|name| Some(catalog.instances.get(name)?.info(name)));
            Ok(json!({ "instanceInfos": found.collect::<Vec<Value>>() }))
        })
    })
    .on_found(arns),
    Declared::now("ListOnPremisesInstances", "*", |service, request| {
        service.catalog(|catalog| list(catalog, &request.input))
    }),
    Declared::now("AddTagsToOnPremisesInstances", "*", |service, request| {
        service.catalog(|catalog| {
            retag(catalog, &request.input, |tags, key, value| {
                tags.insert(key, value);
            })
        })
    })
    .on_found(arns),
    Declared::now("RemoveTagsFromOnPremisesInstances", "*", |service, request| {
        service.catalog(|catalog| {
            retag(catalog, &request.input, |tags, key, _| {
                tags.remove(&key);
            })
        })
    })
    .on_found(arns),
];

fn arns(service: &CodeDeploy, input: &Input) -> Vec<String> {
    let arn = |name: &String| service.hub.arn("codedeploy", &format!("instance:{name}"));
    input.strings("instanceNames").iter().map(arn).collect()
}

fn not_registered(name: &str) -> ServiceError {
    ServiceError::new("InstanceNotRegisteredException", format!("The on-premises instance {name} is not registered"))
}

fn register(catalog: &mut Catalog, hub: &Hub, input: &Input) -> Reply {
    let name = input.str("instanceName")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if name.is_empty() || name.chars().count() > 100 || !name.chars().all(allowed) {
        let message = "The on-premises instance name was specified in an invalid format.";
        return Err(ServiceError::new("InvalidInstanceNameException", message));
    }
    let identity = identity(input)?;
    let registered = |instance: &&Instance| instance.deregistered.is_none();
    if catalog.instances.get(name).filter(registered).is_some() {
        let message = format!("The specified on-premises instance name is already registered: {name}");
        return Err(ServiceError::new("InstanceNameAlreadyRegisteredException", message));
    }
    if catalog.instances.values().filter(registered).any(|instance| instance.identity == identity) {
        return Err(match identity {
            Identity::User(arn) => {
                let message =
                    format!("The specified IAM user ARN is already registered with an on-premises instance: {arn}");
                ServiceError::new("IamUserArnAlreadyRegisteredException", message)
            }
            Identity::Session(arn) => {
                let message = format!(
                    "The request included an IAM session ARN that has already been used to register a different instance: {arn}"
                );
                ServiceError::new("IamSessionArnAlreadyRegisteredException", message)
            }
        });
    }
    let instance = Instance {
        arn: hub.arn("codedeploy", &format!("instance/{name}_{}", hub.ids.capitals(10))),
        identity,
        registered: hub.now(),
        deregistered: None,
        tags: Tags::new(),
    };
    catalog.instances.insert(name.to_owned(), instance);
    Ok(json!({}))
}

fn identity(input: &Input) -> Result<Identity, ServiceError> {
    let (user, session) = (input.opt_str("iamUserArn"), input.opt_str("iamSessionArn"));
    let is = |text: &str, service: &str, kind: &str| {
        Arn::parse(text).is_some_and(|arn| arn.service == service && arn.of_kind(kind).is_some())
    };
    match (user, session) {
        (None, None) => {
            let message =
                "No IAM ARN was included in the request. You must use an IAM session ARN or user ARN in the request.";
            Err(ServiceError::new("IamArnRequiredException", message))
        }
        (Some(_), Some(_)) => {
            let message =
                "Both an IAM user ARN and an IAM session ARN were included in the request. Use only one ARN type.";
            Err(ServiceError::new("MultipleIamArnsProvidedException", message))
        }
        (Some(user), None) if is(user, "iam", "user") => Ok(Identity::User(user.to_owned())),
        (Some(_), None) => {
            let message = "The IAM user ARN was specified in an invalid format.";
            Err(ServiceError::new("InvalidIamUserArnException", message))
        }
        (None, Some(session)) if is(session, "sts", "assumed-role") => Ok(Identity::Session(session.to_owned())),
        (None, Some(_)) => {
            let message = "The IAM session ARN was specified in an invalid format.";
            Err(ServiceError::new("InvalidIamSessionArnException", message))
        }
    }
}

fn list(catalog: &Catalog, input: &Input) -> Reply {
    let filters = input.list("tagFilters");
    if filters.iter().any(|filter| !filters::is_filter(filter)) {
        return Err(ServiceError::new(
            "InvalidTagFilterException",
            "The tag filter was specified in an invalid format.",
        ));
    }
    let status = input.opt_str("registrationStatus").map(|status| status == "Registered");
    let shown = catalog.instances.iter().filter(|(_, instance)| {
        let registered = instance.deregistered.is_none();
        status.is_none_or(|wanted| wanted == registered) && filters.iter().all(|filter| instance.has(filter))
    });
    let page = names::page("ListOnPremisesInstances", input, shown.map(|(name, _)| (name.as_str(), json!(name))))?;
    Ok(json!({ "instanceNames": page.items, "nextToken": page.next }))
}

/// Changes the tags of instances: of all of them, or of none.
fn retag(catalog: &mut Catalog, input: &Input, change: impl Fn(&mut Tags, String, String)) -> Reply {
    let wanted = names::batch(input, "instanceNames", "InstanceName", BATCH)?;
    let tags = input.list("tags");
    if tags.is_empty() {
        return Err(ServiceError::new("TagRequiredException", "A tag was not specified."));
    }
    let mut changed = Vec::new();
    for name in wanted {
        let mut instance = catalog.instances.get(&name).ok_or_else(|| not_registered(&name))?.clone();
        for tag in tags {
            let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
            if text("Key").is_empty() {
                return Err(ServiceError::new("InvalidTagException", "The tag was specified in an invalid format."));
            }
            change(&mut instance.tags, text("Key"), text("Value"));
        }
        if instance.tags.len() > MOST_TAGS {
            let message = format!("The maximum allowed number of tags ({MOST_TAGS}) was exceeded.");
            return Err(ServiceError::new("TagLimitExceededException", message));
        }
        changed.push((name, instance));
    }
    catalog.instances.extend(changed);
    Ok(json!({}))
}
