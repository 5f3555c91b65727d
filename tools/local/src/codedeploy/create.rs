//! `CreateDeployment`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::appspec::AppSpec;
use super::catalog::Catalog;
use super::config::Rule;
use super::engine::{Deployments, Fault, Hook, Hooks, Kind, LambdaShift, Plan};
use super::platform::Platform;
use super::service::CodeDeploy;
use super::{names, revisions, roles, settings, watch};
use crate::core::{Caller, Hub, Ids, Input, Principal, Question, Reply, Request, ServiceError};
use crate::operations::Operation;
use crate::sts;

/// The name of the session of a stack's role, and the service that makes calls for others.
const CLOUDFORMATION: (&str, &str) = ("AWSCloudFormation", "cloudformation.amazonaws.com");

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[Declared::later(
    "CreateDeployment",
    "applicationName deploymentGroupName deploymentConfigName description autoRollbackConfiguration \
     overrideAlarmConfiguration ignoreApplicationStopFailures updateOutdatedInstancesOnly targetInstances \
     fileExistsBehavior deploymentMode=STANDARD \
     revision{revisionType string appSpecContent gitHubLocation s3Location{bucket key bundleType}}",
    |service, request| create(service, request),
)
.on("deploymentgroup:{applicationName}/{deploymentGroupName}")];

fn create<'a>(service: &'a CodeDeploy, request: &'a Request) -> BoxFuture<'a, Reply> {
    let input = &request.input;
    Box::pin(async move {
        let application = input.str("applicationName")?;
        let group = names::name(input, "deploymentGroupName", "DeploymentGroupName")?;
        let (platform, role) = service.catalog(|catalog| group_of(catalog, application, group))?;
        platform.must_run("CreateDeployment")?;
        of_servers(input)?;
        let revision = revisions::location(platform, input)?;
        let appspec = match content(&service.hub, &role, &revision).await {
            Ok(content) => AppSpec::parse(&content).map_err(|detail| Fault::configuration(&detail)),
            Err(fault) => Err(fault),
        };
        let order = Order { input, creator: creator(request), revision: revision.clone(), appspec };
        service.catalog(|catalog| {
            let now = service.hub.now();
            let id = service.deployments.apply(|engine, at| match plan(catalog, engine, &service.hub.ids, order) {
                Err(error) => (Err(error), Vec::new()),
                Ok(plan) => {
                    let id = plan.id.clone();
                    let (created, effects) = engine.create(plan, at);
                    (created.map(|()| id), effects)
                }
            })?;
            revisions::record(catalog.application_mut(application)?, &revision, Some(group), now);
            Ok(json!({ "deploymentId": id }))
        })
    })
}

/// The platform and the role of a group.
fn group_of(catalog: &Catalog, application: &str, group: &str) -> Result<(Platform, String), ServiceError> {
    let role = catalog.group(application, group)?.text("serviceRoleArn").to_owned();
    Ok((catalog.application(application)?.platform, role))
}

/// Refuses what a deployment on Lambda cannot have.
fn of_servers(input: &Input) -> Result<(), ServiceError> {
    let errors = [
        ("fileExistsBehavior", "InvalidFileExistsBehaviorException"),
        ("targetInstances", "InvalidTargetInstancesException"),
        ("updateOutdatedInstancesOnly", "InvalidUpdateOutdatedInstancesOnlyValueException"),
        ("ignoreApplicationStopFailures", "InvalidIgnoreApplicationStopFailuresValueException"),
    ];
    let given = |member: &str| input.get(member).is_some_and(|value| *value != json!(false) && *value != json!({}));
    match errors.into_iter().find(|(member, _)| given(member)) {
        None => Ok(()),
        Some((member, code)) => {
            let message = format!("For Lambda and ECS deployment, {member} can not be specified");
            Err(ServiceError::new(code, message))
        }
    }
}

/// The text of the AppSpec. An object in S3 is read as the group's role; a deployment that cannot read it fails.
async fn content(hub: &Hub, role: &str, revision: &Value) -> Result<String, Fault> {
    let inline = ["appSpecContent", "string"].iter().find_map(|member| revision[member]["content"].as_str());
    if let Some(content) = inline {
        return Ok(content.to_owned());
    }
    let location = &revision["s3Location"];
    let (bucket, key) = (location["bucket"].as_str().unwrap_or_default(), location["key"].as_str().unwrap_or_default());
    let session = sts::session(hub, role, "codedeploy", roles::SERVICE).await;
    let caller = session.map_err(|_| Fault::role_missing(role))?;
    if let Some(authority) = hub.authority() {
        // The port of S3 tells no tags: a grant on condition of s3:ExistingObjectTag does not reach here.
        let resources = [format!("arn:aws:s3:::{bucket}/{key}")];
        let question = Question { caller: &caller, action: "s3:GetObject", resources: &resources, context: Vec::new() };
        authority.decide(&question).map_err(|_| Fault::not_permitted(role, "AmazonS3"))?;
    }
    let missing = |error: ServiceError| Fault::revision_missing(&format!("{bucket}/{key}: {}", error.message));
    let object = hub.objects().map_err(missing)?.get(bucket, key).await.map_err(missing)?;
    String::from_utf8(object.body.to_vec()).map_err(|_| Fault::configuration(super::appspec::NOT_WELL_FORMED))
}

/// A `DeploymentCreator`: who asked, when it was CloudFormation for a stack.
fn creator(request: &Request) -> &'static str {
    let Caller { principal, through, .. } = &request.caller;
    let (session, service) = CLOUDFORMATION;
    let of_a_stack = |principal: &Principal| matches!(principal, Principal::Session(it) if it.name == session);
    if !request.over_the_wire && (*through == Some(service) || of_a_stack(principal)) {
        "CloudFormation"
    } else {
        "user"
    }
}

/// The deployment that a caller asks for.
struct Order<'a> {
    input: &'a Input,
    creator: &'static str,
    revision: Value,
    appspec: Result<AppSpec, Fault>,
}

fn plan(catalog: &Catalog, deployments: &Deployments, ids: &Ids, order: Order<'_>) -> Result<Plan, ServiceError> {
    let input = order.input;
    let application = input.str("applicationName")?;
    let group_name = input.str("deploymentGroupName")?;
    let group = catalog.group(application, group_name)?;
    let config = input.opt_str("deploymentConfigName").unwrap_or_else(|| group.text("deploymentConfigName"));
    settings::check_config(catalog, Platform::Lambda, config)?;
    let config = catalog.config(config)?;
    let Rule::Traffic { routing, .. } = config.rule else {
        return Err(ServiceError::internal("a configuration for Lambda routes no traffic"));
    };
    let kept = |setting: &str| group.settings.get(setting).cloned();
    let override_alarms = input.get("overrideAlarmConfiguration").cloned();
    let alarms = override_alarms.clone().or_else(|| kept("alarmConfiguration"));
    let auto_rollback = input.get("autoRollbackConfiguration").cloned().or_else(|| kept("autoRollbackConfiguration"));
    let structure = |value: Option<Value>| value.map(Input::from).unwrap_or_default();
    let mut finished = deployments.newest_first().filter(|it| it.plan.group_id == group.id);
    let succeeded = finished.find(|it| it.status.as_str() == "Succeeded");
    let (appspec, unfit) = match order.appspec {
        Ok(appspec) => (Some(appspec), None),
        Err(fault) => (None, Some(fault)),
    };
    Ok(Plan {
        id: new_id(deployments, ids),
        application: application.to_owned(),
        group: group_name.to_owned(),
        group_id: group.id.clone(),
        role: group.text("serviceRoleArn").to_owned(),
        config: config.name.clone(),
        routing,
        kind: Kind::Forward,
        hooks: appspec.as_ref().map(|appspec| hooks(appspec, ids)).unwrap_or_default(),
        shift: appspec.map_or_else(LambdaShift::default, |appspec| appspec.shift),
        unfit,
        alarms: watch::alarm_policy(&structure(alarms))?,
        rollback: watch::rollback_policy(&structure(auto_rollback.clone()))?,
        revision: order.revision,
        previous_revision: succeeded.map(|it| it.plan.revision.clone()),
        description: names::description(input)?,
        creator: order.creator.to_owned(),
        override_alarms,
        auto_rollback,
    })
}

fn new_id(deployments: &Deployments, ids: &Ids) -> String {
    loop {
        let id = format!("d-{}", ids.capitals(9));
        if deployments.get(&id).is_none() {
            return id;
        }
    }
}

fn hooks(appspec: &AppSpec, ids: &Ids) -> Hooks {
    // AWS's execution ids are base64 of a JSON text that starts with `{"encryptedData":`: opaque, and long.
    let execution =
        || STANDARD.encode(json!({ "encryptedData": ids.hex(96), "ivParameterSpec": ids.hex(24) }).to_string());
    let hook = |function: &Option<String>| function.clone().map(|function| Hook { function, execution: execution() });
    Hooks { before: hook(&appspec.before_allow_traffic), after: hook(&appspec.after_allow_traffic) }
}
