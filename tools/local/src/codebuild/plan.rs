//! The plan of one build: its project's settings with the overrides of `StartBuild`.

use serde_json::{Value, json};

use crate::core::{Input, ServiceError};

use super::checks::{self, invalid};
use super::project::{Project, with_environment_defaults, with_source_defaults};

/// The place from which a source comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the build begins in an empty directory.
    Nothing,
    /// A zip in S3.
    Object {
        /// The name of the bucket.
        bucket: String,
        /// The key of the zip in it.
        key: String,
    },
    /// A repository of CodeCommit.
    Repository {
        /// Its name, the last part of its clone URL.
        name: String,
        /// A commit, branch or tag; the default branch when not given.
        version: Option<String>,
    },
}

/// The place to which an artifact goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The identifier of a secondary artifact; none for the primary one.
    pub identifier: Option<String>,
    /// The name of the bucket.
    pub bucket: String,
    /// The part of the key before the name.
    pub path: String,
    /// `NONE`, or `BUILD_ID` to have the build's id between path and name.
    pub by_build: bool,
    /// The last part of the key, or the folder for unpacked files.
    pub name: String,
    /// One zip, or file by file.
    pub packed: bool,
    /// True if the name of the buildspec takes the place of this one.
    pub name_from_buildspec: bool,
}

/// A variable of the environment and where its value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name under which the commands see it.
    pub name: String,
    /// The value, or the parameter's name.
    pub value: String,
    /// True if the value is a parameter's name.
    pub parameter: bool,
}

/// The place for a build's lines besides its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// True if they go to the log service.
    pub enabled: bool,
    /// The log group; AWS's default for the project if it names none.
    pub group: String,
    /// The part of the stream's name before the build's id.
    pub stream: Option<String>,
}

/// Everything a build needs to know.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The name of the project.
    pub project: String,
    /// `buildNumber`.
    pub number: u64,
    /// The source that lies in the build's directory.
    pub source: Source,
    /// Further sources by identifier.
    pub secondary_sources: Vec<(String, Source)>,
    /// The places of the artifacts, the primary one first if there is one.
    pub destinations: Vec<Destination>,
    /// The project's and the request's variables; later ones win.
    pub variables: Vec<Variable>,
    /// The buildspec's text or path; `buildspec.yml` when not given.
    pub buildspec: Option<String>,
    /// True if `cache.paths` are kept for the next build.
    pub caches: bool,
    /// The time limit of the build, in minutes of real time.
    pub timeout_minutes: u64,
    /// The time limit of the wait in the queue, in minutes of real time.
    pub queued_timeout_minutes: u64,
    /// The place for its lines.
    pub logs: Logs,
    /// The caller that started it: `codepipeline/<pipeline>`, or else `root`.
    pub initiator: String,
    /// The version of the source, as the request or the project has it.
    pub source_version: Option<String>,
    /// The commit, when whoever started the build knows it.
    pub resolved_version: Option<String>,
    /// The members of `Build` that only repeat what was asked for.
    pub shown: Value,
}

impl Plan {
    /// Puts a project and a request together. `initiator` and `resolvedSourceVersion` are the plane's own members, for
    /// CodePipeline; clients cannot set them.
    ///
    /// # Errors
    /// Fails on a member that is not valid, or that the plane does not run.
    pub fn new(project: &Project, request: &Input, inside: bool) -> Result<Self, ServiceError> {
        let members = project.input();
        let given = |over: &str, member: &str| {
            request.get(over).map_or_else(|| members.object(member), |given| Input::from(given.clone()))
        };
        let source = overridden(members.object("source"), request, &SOURCE_OVERRIDES);
        let environment = overridden_environment(&members, request);
        let (artifacts, cache) = (given("artifactsOverride", "artifacts"), given("cacheOverride", "cache"));
        check(&source, &environment, request)?;
        let text = |over: &str, member: &str| {
            request.opt_str(over).or_else(|| members.opt_str(member)).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let version = text("sourceVersion", "sourceVersion");
        let number = |over: &str, member: &str| {
            let minutes = request.opt_i64(over).or_else(|| members.opt_i64(member)).unwrap_or(60);
            u64::try_from(minutes).unwrap_or(60)
        };
        let (timeout, queued) = (
            number("timeoutInMinutesOverride", "timeoutInMinutes"),
            number("queuedTimeoutInMinutesOverride", "queuedTimeoutInMinutes"),
        );
        let inner = |member: &str| inside.then(|| request.opt_str(member).map(str::to_owned)).flatten();
        let further = secondary(&members, request, "secondarySourcesOverride", "secondarySources");
        let versions = secondary(&members, request, "secondarySourcesVersionOverride", "secondarySourceVersions");
        Ok(Self {
            project: project.name().to_owned(),
            number: project.builds + 1,
            source: read_source(&source, version.as_deref())?,
            secondary_sources: secondary_sources(further, versions)?,
            destinations: destinations(&artifacts, &members, request)?,
            variables: variables(&environment)?,
            buildspec: source.opt_str("buildspec").filter(|text| !text.trim().is_empty()).map(str::to_owned),
            caches: keeps_cache(&cache) && !project.cache_is_invalid,
            timeout_minutes: timeout,
            queued_timeout_minutes: queued,
            logs: logs(&given("logsConfigOverride", "logsConfig"), project.name()),
            // The operator is the account's root.
            initiator: inner("initiator").unwrap_or_else(|| "root".to_owned()),
            source_version: version,
            resolved_version: inner("resolvedSourceVersion"),
            shown: json!({
                "source": with_source_defaults(source.into_value()),
                "environment": with_environment_defaults(environment.into_value()),
                "secondarySources": further, "secondarySourceVersions": versions, "cache": cache.into_value(),
                "serviceRole": text("serviceRoleOverride", "serviceRole"), "timeoutInMinutes": timeout,
                "queuedTimeoutInMinutes": queued, "encryptionKey": text("encryptionKeyOverride", "encryptionKey"),
            }),
        })
    }
}

/// The members of `source` that a request may set otherwise.
const SOURCE_OVERRIDES: [(&str, &str); 6] = [
    ("sourceTypeOverride", "type"),
    ("sourceLocationOverride", "location"),
    ("buildspecOverride", "buildspec"),
    ("gitCloneDepthOverride", "gitCloneDepth"),
    ("gitSubmodulesConfigOverride", "gitSubmodulesConfig"),
    ("insecureSslOverride", "insecureSsl"),
];

/// The members of `environment` that a request may set otherwise.
const ENVIRONMENT_OVERRIDES: [(&str, &str); 5] = [
    ("environmentTypeOverride", "type"),
    ("imageOverride", "image"),
    ("computeTypeOverride", "computeType"),
    ("privilegedModeOverride", "privilegedMode"),
    ("imagePullCredentialsTypeOverride", "imagePullCredentialsType"),
];

/// Checks the request together with the project, as a project of that kind would be checked.
fn check(source: &Input, environment: &Input, request: &Input) -> Result<(), ServiceError> {
    checks::source(source)?;
    checks::environment(environment)?;
    checks::runnable(environment)?;
    if request.get("artifactsOverride").is_some() {
        checks::artifacts(&request.object("artifactsOverride"))?;
    }
    if request.get("cacheOverride").is_some() {
        checks::cache(&request.object("cacheOverride"))?;
    }
    checks::minutes(request, "timeoutInMinutesOverride", 2160)?;
    checks::minutes(request, "queuedTimeoutInMinutesOverride", 480)
}

fn logs(config: &Input, project: &str) -> Logs {
    let config = config.object("cloudWatchLogs");
    let named = |member: &str| config.opt_str(member).filter(|name| !name.is_empty()).map(str::to_owned);
    Logs {
        enabled: config.opt_str("status") != Some("DISABLED"),
        group: named("groupName").unwrap_or_else(|| format!("/aws/codebuild/{project}")),
        stream: named("streamName"),
    }
}

/// An S3 cache of the same paths does the same for the next build as a local custom cache: the files are still there.
fn keeps_cache(cache: &Input) -> bool {
    match cache.opt_str("type") {
        Some("S3") => true,
        Some("LOCAL") => cache.strings("modes").iter().any(|mode| mode == "LOCAL_CUSTOM_CACHE"),
        _ => false,
    }
}

fn overridden(members: Input, request: &Input, overrides: &[(&str, &str)]) -> Input {
    let mut members = members.into_value();
    for (from, to) in overrides {
        if let Some(value) = request.get(from) {
            members[*to] = value.clone();
        }
    }
    Input::from(members)
}

fn overridden_environment(members: &Input, request: &Input) -> Input {
    let given = request.list("environmentVariablesOverride");
    let mut environment = overridden(members.object("environment"), request, &ENVIRONMENT_OVERRIDES).into_value();
    if !given.is_empty() {
        let mut all = members.object("environment").list("environmentVariables").to_vec();
        all.retain(|old| !given.iter().any(|new| new["name"] == old["name"]));
        all.extend_from_slice(given);
        environment["environmentVariables"] = json!(all);
    }
    Input::from(environment)
}

fn secondary<'a>(members: &'a Input, request: &'a Input, over: &str, member: &str) -> &'a [Value] {
    if request.get(over).is_some() { request.list(over) } else { members.list(member) }
}

fn read_source(source: &Input, version: Option<&str>) -> Result<Source, ServiceError> {
    let kind = source.opt_str("type").unwrap_or_default();
    checks::fetchable(kind)?;
    let location = source.opt_str("location").unwrap_or_default();
    match kind {
        "NO_SOURCE" => Ok(Source::Nothing),
        "S3" => {
            let path = location.trim_start_matches("arn:aws:s3:::");
            match path.split_once('/') {
                Some((bucket, key)) if !key.is_empty() && !key.ends_with('/') => {
                    Ok(Source::Object { bucket: bucket.to_owned(), key: key.to_owned() })
                }
                _ => Err(invalid(format!("{location} is not the <bucket>/<key> of a zip"))),
            }
        }
        "CODECOMMIT" => {
            let name = location.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
            if name.is_empty() {
                return Err(invalid("source.location, a clone URL, is required for a source of type CODECOMMIT"));
            }
            let version = version.map(|version| version.trim_start_matches("refs/heads/").to_owned());
            Ok(Source::Repository { name: name.to_owned(), version })
        }
        _ => Err(invalid("a project with a source of type CODEPIPELINE is started by its pipeline")),
    }
}

fn secondary_sources(given: &[Value], versions: &[Value]) -> Result<Vec<(String, Source)>, ServiceError> {
    given
        .iter()
        .map(|given| {
            let version = versions.iter().find(|version| version["sourceIdentifier"] == given["sourceIdentifier"]);
            let version = version.and_then(|version| version["sourceVersion"].as_str());
            let given = Input::from(given.clone());
            let identifier = given.opt_str("sourceIdentifier").unwrap_or_default().to_owned();
            Ok((identifier, read_source(&given, version)?))
        })
        .collect()
}

fn destinations(artifacts: &Input, members: &Input, request: &Input) -> Result<Vec<Destination>, ServiceError> {
    let further = secondary(members, request, "secondaryArtifactsOverride", "secondaryArtifacts");
    let mut all: Vec<Destination> = destination(artifacts, members)?.into_iter().collect();
    for given in further {
        all.extend(destination(&Input::from(given.clone()), members)?);
    }
    Ok(all)
}

fn destination(artifacts: &Input, members: &Input) -> Result<Option<Destination>, ServiceError> {
    let text = |member: &str| artifacts.opt_str(member).unwrap_or_default().to_owned();
    match artifacts.opt_str("type") {
        Some("NO_ARTIFACTS") | None => Ok(None),
        Some("S3") => Ok(Some(Destination {
            identifier: artifacts.opt_str("artifactIdentifier").map(str::to_owned),
            bucket: text("location"),
            path: text("path"),
            by_build: artifacts.opt_str("namespaceType") == Some("BUILD_ID"),
            name: artifacts.opt_str("name").or_else(|| members.opt_str("name")).unwrap_or_default().to_owned(),
            packed: artifacts.opt_str("packaging") == Some("ZIP"),
            name_from_buildspec: artifacts.opt_bool("overrideArtifactName").unwrap_or_default(),
        })),
        Some(_) => Err(invalid("a project with artifacts of type CODEPIPELINE is started by its pipeline")),
    }
}

fn variables(environment: &Input) -> Result<Vec<Variable>, ServiceError> {
    environment
        .list("environmentVariables")
        .iter()
        .map(|given| {
            let given = Input::from(given.clone());
            let name = given.opt_str("name").unwrap_or_default().to_owned();
            let value = given.opt_str("value").unwrap_or_default().to_owned();
            match given.opt_str("type").unwrap_or("PLAINTEXT") {
                "PLAINTEXT" => Ok(Variable { name, value, parameter: false }),
                "PARAMETER_STORE" => Ok(Variable { name, value, parameter: true }),
                other => Err(checks::not_run(&format!("the environment variable {name} from {other}"))),
            }
        })
        .collect()
}
