//! The operations of CodeBuild's API.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::build::Build;
use super::checks::{batch, invalid, service_role};
use super::plan::Plan;
use super::principal::CODEBUILD;
use super::project::Project;
use super::{lists, runner};
use crate::core::{Hub, Input, Reply, Service, ServiceError};
use crate::model::Dialect;
use crate::operations::{Modelled, Operation, Table};

/// CodeBuild with builds on this machine.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let codebuild = CodeBuild { hub: Arc::clone(hub), store: Mutex::default() };
    Arc::new(Modelled::new(hub, codebuild, &TABLE).ending(|codebuild| Box::pin(async { codebuild.stop_all() })))
}

struct CodeBuild {
    hub: Arc<Hub>,
    store: Mutex<Store>,
}

#[derive(Default)]
struct Store {
    projects: BTreeMap<String, Project>,
    /// The builds, in the order in which they were started.
    builds: Vec<Arc<Build>>,
    /// One build of a project runs at a time.
    turns: HashMap<String, Arc<tokio::sync::Mutex<()>>>,
    /// Builds by project and idempotency token.
    tokens: HashMap<(String, String), Arc<Build>>,
}

static TABLE: Table<CodeBuild> = Table::new("codebuild", Dialect::Own, &[PROJECTS, BUILDS]);

/// The honoured members of a project: those that a build heeds, and those that come back as they were given.
const PROJECT: &str = "name description source secondarySources sourceVersion secondarySourceVersions \
     artifacts{type location path namespaceType name packaging overrideArtifactName encryptionDisabled} \
     secondaryArtifacts{type location path namespaceType name packaging overrideArtifactName encryptionDisabled \
     artifactIdentifier} cache{type location modes} environment{type image computeType environmentVariables \
     privilegedMode imagePullCredentialsType} serviceRole timeoutInMinutes queuedTimeoutInMinutes encryptionKey \
     tags logsConfig{cloudWatchLogs s3Logs{status=DISABLED location encryptionDisabled}} concurrentBuildLimit";

const PROJECTS: &[Operation<CodeBuild>] = &[
    Operation::now("CreateProject", PROJECT, |codebuild: &CodeBuild, request| codebuild.create_project(&request.input))
        .on("project/{name}")
        .passing(&[("serviceRole", CODEBUILD)])
        .sound(|codebuild, input| codebuild.role_is_one(input, "serviceRole")),
    Operation::now("UpdateProject", PROJECT, |codebuild: &CodeBuild, request| codebuild.update_project(&request.input))
        .on("project/{name}")
        .passing(&[("serviceRole", CODEBUILD)])
        .sound(|codebuild, input| codebuild.role_is_one(input, "serviceRole")),
    Operation::now("DeleteProject", "name", |codebuild: &CodeBuild, request| codebuild.delete_project(&request.input))
        .on("project/{name}"),
    Operation::now("BatchGetProjects", "names", |codebuild: &CodeBuild, request| {
        codebuild.batch_get_projects(&request.input)
    })
    .on_found(|codebuild: &CodeBuild, input| codebuild.project_arns(&input.strings("names"))),
    Operation::now("ListProjects", "sortBy sortOrder nextToken", |codebuild: &CodeBuild, request| {
        lists::projects(codebuild.store().projects.values(), &request.input)
    }),
    Operation::now("InvalidateProjectCache", "projectName", |codebuild: &CodeBuild, request| {
        codebuild.invalidate_cache(&request.input)
    })
    .on("project/{projectName}"),
];

const BUILDS: &[Operation<CodeBuild>] = &[
    Operation::now(
        "StartBuild",
        "projectName secondarySourcesOverride secondarySourcesVersionOverride sourceVersion \
         artifactsOverride{type location path namespaceType name packaging overrideArtifactName encryptionDisabled} \
         secondaryArtifactsOverride{type location path namespaceType name packaging overrideArtifactName \
         encryptionDisabled artifactIdentifier} environmentVariablesOverride sourceTypeOverride sourceLocationOverride \
         gitCloneDepthOverride gitSubmodulesConfigOverride buildspecOverride insecureSslOverride \
         environmentTypeOverride imageOverride computeTypeOverride cacheOverride{type location modes} \
         serviceRoleOverride privilegedModeOverride timeoutInMinutesOverride queuedTimeoutInMinutesOverride \
         encryptionKeyOverride idempotencyToken imagePullCredentialsTypeOverride \
         logsConfigOverride{cloudWatchLogs s3Logs{status=DISABLED location encryptionDisabled}}",
        |codebuild: &CodeBuild, request| codebuild.start_build(&request.input, !request.over_the_wire),
    )
    .on("project/{projectName}")
    .passing(&[("serviceRoleOverride", CODEBUILD)])
    .sound(|codebuild, input| codebuild.role_is_one(input, "serviceRoleOverride")),
    Operation::now("RetryBuild", "id idempotencyToken", |codebuild: &CodeBuild, request| {
        codebuild.retry_build(&request.input)
    })
    .on_found(|codebuild: &CodeBuild, input| {
        codebuild.projects_of(&[input.opt_str("id").unwrap_or_default().to_owned()])
    }),
    Operation::now("StopBuild", "id", |codebuild: &CodeBuild, request| codebuild.stop_build(&request.input)).on_found(
        |codebuild: &CodeBuild, input| codebuild.projects_of(&[input.opt_str("id").unwrap_or_default().to_owned()]),
    ),
    Operation::now("BatchGetBuilds", "ids", |codebuild: &CodeBuild, request| {
        codebuild.batch_get_builds(&request.input)
    })
    .on_found(|codebuild: &CodeBuild, input| codebuild.projects_of(&input.strings("ids"))),
    Operation::now("BatchDeleteBuilds", "ids", |codebuild: &CodeBuild, request| {
        codebuild.batch_delete_builds(&request.input)
    })
    .on_found(|codebuild: &CodeBuild, input| codebuild.projects_of(&input.strings("ids"))),
    Operation::now("ListBuilds", "sortOrder nextToken", |codebuild: &CodeBuild, request| {
        lists::builds(codebuild.store().builds.iter(), &request.input)
    }),
    Operation::now("ListBuildsForProject", "projectName sortOrder nextToken", |codebuild: &CodeBuild, request| {
        codebuild.list_builds_for_project(&request.input)
    })
    .on("project/{projectName}"),
];

impl CodeBuild {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A role that is named has the form of one: IAM is not asked whether something else may be passed.
    fn role_is_one(&self, input: &Input, member: &str) -> Result<(), ServiceError> {
        input.opt_str(member).map_or(Ok(()), |role| service_role(role, &self.hub))
    }

    fn stop_all(&self) {
        for build in &self.store().builds {
            build.stop.send_replace(true);
        }
    }

    fn create_project(&self, input: &Input) -> Reply {
        let project = Project::create(input, &self.hub)?;
        let mut store = self.store();
        let name = project.name().to_owned();
        if store.projects.contains_key(&name) {
            let arn = self.project_arn(&name);
            return Err(ServiceError::new("ResourceAlreadyExistsException", format!("Project already exists: {arn}")));
        }
        let shown = project.describe(&self.hub);
        store.projects.insert(name, project);
        Ok(json!({ "project": shown }))
    }

    fn update_project(&self, input: &Input) -> Reply {
        let wanted = resource_name(name(input, "name")?);
        let mut store = self.store();
        let project = store.projects.get_mut(wanted).ok_or_else(|| self.missing_project(wanted))?;
        let mut members = input.clone().into_value();
        members["name"] = json!(wanted);
        project.update(&Input::from(members), &self.hub)?;
        Ok(json!({ "project": project.describe(&self.hub) }))
    }

    /// One that does not exist is no error.
    fn delete_project(&self, input: &Input) -> Reply {
        self.store().projects.remove(resource_name(name(input, "name")?));
        Ok(json!({}))
    }

    fn project_arns(&self, asked: &[String]) -> Vec<String> {
        asked.iter().map(|asked| self.project_arn(resource_name(asked))).collect()
    }

    /// The projects of builds: a build's id begins with its project's name.
    fn projects_of(&self, ids: &[String]) -> Vec<String> {
        let project = |id: &String| self.project_arn(resource_name(id).split(':').next().unwrap_or_default());
        ids.iter().map(project).collect()
    }

    fn project_arn(&self, name: &str) -> String {
        self.hub.arn("codebuild", &format!("project/{name}"))
    }

    fn missing_project(&self, wanted: &str) -> ServiceError {
        let message = format!("Project cannot be found: {}", self.project_arn(wanted));
        ServiceError::new("ResourceNotFoundException", message)
    }

    fn batch_get_projects(&self, input: &Input) -> Reply {
        let store = self.store();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for asked in batch(input, "names")? {
            match store.projects.get(resource_name(&asked)) {
                Some(project) => found.push(project.describe(&self.hub)),
                None => missing.push(asked),
            }
        }
        Ok(json!({ "projects": found, "projectsNotFound": missing }))
    }

    /// The next build begins in a clean directory.
    fn invalidate_cache(&self, input: &Input) -> Reply {
        let wanted = resource_name(name(input, "projectName")?);
        let mut store = self.store();
        let project = store.projects.get_mut(wanted).ok_or_else(|| self.missing_project(wanted))?;
        project.cache_is_invalid = true;
        Ok(json!({}))
    }

    fn start_build(&self, input: &Input, inside: bool) -> Reply {
        let asked = resource_name(name(input, "projectName")?);
        let plan = |project: &Project| Plan::new(project, input, inside);
        self.begin(asked, input.opt_str("idempotencyToken"), plan)
    }

    /// The same build once more, under a number of its own.
    fn retry_build(&self, input: &Input) -> Reply {
        let earlier = self.known_build(name(input, "id")?)?;
        let again = |project: &Project| Ok(Plan { number: project.builds + 1, ..earlier.plan.clone() });
        self.begin(&earlier.plan.project, input.opt_str("idempotencyToken"), again)
    }

    fn begin(
        &self,
        asked: &str,
        token: Option<&str>,
        plan: impl FnOnce(&Project) -> Result<Plan, ServiceError>,
    ) -> Reply {
        let token = token.map(|token| (asked.to_owned(), token.to_owned()));
        let mut store = self.store();
        if let Some(build) = token.as_ref().and_then(|token| store.tokens.get(token)) {
            return Ok(json!({ "build": build.describe(&self.hub) }));
        }
        let project = store.projects.get(asked).ok_or_else(|| self.missing_project(asked))?;
        refuse_one_too_many(project, &store.builds)?;
        let plan = plan(project)?;
        if let Some(project) = store.projects.get_mut(asked) {
            project.builds += 1;
            project.cache_is_invalid = false;
        }
        let build = Build::new(&self.hub, plan);
        store.builds.push(Arc::clone(&build));
        if let Some(token) = token {
            store.tokens.insert(token, Arc::clone(&build));
        }
        let turns = Arc::clone(store.turns.entry(asked.to_owned()).or_default());
        drop(store);
        let shown = build.describe(&self.hub);
        tokio::spawn(runner::run(Arc::clone(&self.hub), build, turns));
        Ok(json!({ "build": shown }))
    }

    /// Asks the build to end; what it runs is killed. A build that is over stays as it is.
    fn stop_build(&self, input: &Input) -> Reply {
        let build = self.known_build(name(input, "id")?)?;
        build.stop.send_replace(true);
        Ok(json!({ "build": build.describe(&self.hub) }))
    }

    fn known_build(&self, id: &str) -> Result<Arc<Build>, ServiceError> {
        let id = build_id(id)?;
        self.find_build(id)
            .ok_or_else(|| ServiceError::new("ResourceNotFoundException", format!("Build {id} does not exist")))
    }

    fn find_build(&self, id: &str) -> Option<Arc<Build>> {
        self.store().builds.iter().find(|build| build.id == id).cloned()
    }

    fn batch_get_builds(&self, input: &Input) -> Reply {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for id in batch(input, "ids")? {
            match self.find_build(build_id(&id)?) {
                Some(build) => found.push(build.describe(&self.hub)),
                None => missing.push(id),
            }
        }
        Ok(json!({ "builds": found, "buildsNotFound": missing }))
    }

    /// Forgets builds that are over. Assumed: one that is unknown is told with `BUILD_NOT_FOUND`.
    fn batch_delete_builds(&self, input: &Input) -> Reply {
        let (mut deleted, mut kept) = (Vec::new(), Vec::new());
        for given in batch(input, "ids")? {
            let refused = match self.find_build(build_id(&given)?) {
                Some(build) if build.state().record.is_complete() => {
                    self.store().builds.retain(|other| other.id != build.id);
                    deleted.push(build.arn(&self.hub));
                    continue;
                }
                Some(_) => "BUILD_IN_PROGRESS",
                None => "BUILD_NOT_FOUND",
            };
            kept.push(json!({ "id": given, "statusCode": refused }));
        }
        Ok(json!({ "buildsDeleted": deleted, "buildsNotDeleted": kept }))
    }

    fn list_builds_for_project(&self, input: &Input) -> Reply {
        let wanted = resource_name(name(input, "projectName")?);
        let store = self.store();
        if !store.projects.contains_key(wanted) {
            let message = format!("The provided project {} does not exist", self.project_arn(wanted));
            return Err(ServiceError::new("ResourceNotFoundException", message));
        }
        lists::builds(store.builds.iter().filter(|build| build.plan.project == wanted), input)
    }
}

/// `concurrentBuildLimit`: a build above it is not run.
fn refuse_one_too_many(project: &Project, builds: &[Arc<Build>]) -> Result<(), ServiceError> {
    let Some(limit) = project.input().opt_i64("concurrentBuildLimit") else { return Ok(()) };
    let running = |build: &&Arc<Build>| build.plan.project == project.name() && !build.state().record.is_complete();
    if i64::try_from(builds.iter().filter(running).count()).unwrap_or(i64::MAX) < limit {
        return Ok(());
    }
    let message = format!("Cannot have more than {limit} builds in queue for the project");
    Err(ServiceError::new("AccountLimitExceededException", message))
}

fn name<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    input.opt_str(member).ok_or_else(|| invalid(format!("Invalid input: {member} is required")))
}

/// The name in an ARN of CodeBuild; any other text is a name already.
fn resource_name(asked: &str) -> &str {
    if asked.starts_with("arn:") { asked.rsplit('/').next().unwrap_or_default() } else { asked }
}

/// The id in a build's id or ARN.
fn build_id(asked: &str) -> Result<&str, ServiceError> {
    let id = resource_name(asked);
    if id.contains(':') { Ok(id) } else { Err(invalid("Invalid build ID provided")) }
}
