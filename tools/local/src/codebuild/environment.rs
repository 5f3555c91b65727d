//! The environment of a build's commands: nothing of the plane's own but what makes the machine's tools run.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::build::Build;
use super::buildspec::Buildspec;
use super::plan::{Source, Variable};
use crate::core::{Caller, Hub, ServiceError};

/// The variables passed on from the plane's process: the places and the network settings of the machine's tools.
const PASSED_ON: [&str; 16] = [
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "CARGO_NET_OFFLINE",
    "LANG",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PIP_CERT",
    "PIP_INDEX_URL",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The environment, as one map.
pub type Environment = BTreeMap<String, String>;

/// Puts the environment together. Later wins: the machine, the buildspec, the project and the request, CodeBuild.
///
/// # Errors
/// Fails if a parameter cannot be read.
pub async fn environment(
    hub: &Hub,
    build: &Build,
    spec: &Buildspec,
    source: &Path,
) -> Result<Environment, ServiceError> {
    let mut environment = machine(hub);
    let plain =
        |(name, value): &(String, String), parameter| Variable { name: name.clone(), value: value.clone(), parameter };
    let declared = spec.variables.iter().map(|pair| plain(pair, false));
    let parameters = spec.parameters.iter().map(|pair| plain(pair, true));
    for variable in declared.chain(parameters).chain(build.plan.variables.iter().cloned()) {
        let value = if variable.parameter { parameter(hub, build, &variable.value).await? } else { variable.value };
        environment.insert(variable.name, value);
    }
    environment.extend(own(hub, build, source));
    Ok(environment)
}

fn machine(hub: &Hub) -> Environment {
    let mut environment: Environment =
        PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
    environment.entry("LANG".to_owned()).or_insert_with(|| "C.UTF-8".to_owned());
    environment.entry("HOME".to_owned()).or_insert_with(|| "/root".to_owned());
    let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
    let first = hub.build_path().iter().map(|folder| folder.to_string_lossy().into_owned());
    let path = first.chain([path]).collect::<Vec<_>>().join(":");
    environment.insert("PATH".to_owned(), path);
    environment
}

fn own(hub: &Hub, build: &Build, source: &Path) -> Environment {
    let plan = &build.plan;
    let mut own: Environment = [
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", &hub.endpoint),
        ("AWS_REGION", &hub.identity.region),
        ("AWS_DEFAULT_REGION", &hub.identity.region),
        ("AWS_ACCOUNT_ID", &hub.identity.account),
        ("CODEBUILD_BUILD_ID", &build.id),
        ("CODEBUILD_BUILD_IMAGE", plan.shown["environment"]["image"].as_str().unwrap_or_default()),
        ("CODEBUILD_LOG_PATH", build.uuid()),
        ("CODEBUILD_INITIATOR", &plan.initiator),
        ("CODEBUILD_CI", "true"),
        ("CODEBUILD_KMS_KEY_ID", plan.shown["encryptionKey"].as_str().unwrap_or_default()),
        ("CODEBUILD_SRC_DIR", &source.to_string_lossy()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    own.extend(credentials(hub, &build.caller()));
    let mut set = |name: &str, value: String| own.insert(name.to_owned(), value);
    set("CODEBUILD_BUILD_ARN", build.arn(hub));
    set("CODEBUILD_BUILD_NUMBER", plan.number.to_string());
    set("CODEBUILD_START_TIME", build.state().record.started.as_millis().to_string());
    if let Some(version) = &plan.source_version {
        set("CODEBUILD_SOURCE_VERSION", version.clone());
    }
    if let Some(version) = &build.state().resolved_version {
        set("CODEBUILD_RESOLVED_SOURCE_VERSION", version.clone());
    }
    match &plan.source {
        Source::Nothing => None,
        Source::Object { bucket, key } => set("CODEBUILD_SOURCE_REPO_URL", format!("s3://{bucket}/{key}")),
        Source::Repository { name, .. } => {
            set("CODEBUILD_SOURCE_REPO_URL", format!("{}/v1/repos/{name}", hub.endpoint))
        }
    };
    own
}

async fn parameter(hub: &Hub, build: &Build, name: &str) -> Result<String, ServiceError> {
    let input = json!({ "Name": name, "WithDecryption": true });
    let found = hub.call_as(&build.caller(), "ssm", "GetParameter", input).await.map_err(|error| {
        ServiceError::new(error.code.clone(), format!("the parameter {name} cannot be read: {error}"))
    })?;
    Ok(found["Parameter"]["Value"].as_str().unwrap_or_default().to_owned())
}

/// The role's credentials, for the build's commands. Any will do if nobody decides; the user's own must never be used.
fn credentials(hub: &Hub, caller: &Caller) -> Environment {
    let key = caller.access_key.as_deref().unwrap_or_default();
    let issued = hub.authority().and_then(|authority| authority.issued(key));
    let (secret, token) =
        issued.map_or_else(Default::default, |issued| (issued.secret, issued.token.unwrap_or_default()));
    let named =
        [("AWS_ACCESS_KEY_ID", key.to_owned()), ("AWS_SECRET_ACCESS_KEY", secret), ("AWS_SESSION_TOKEN", token)];
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
