//! The operations of CodeBuild's API.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Hub, Input, Reply, Request, Service, ServiceError};

use super::build::Build;
use super::plan::Plan;
use super::project::{Project, invalid};
use super::runner;

/// CodeBuild with builds on this machine.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(CodeBuild { hub: Arc::clone(hub), store: Mutex::default() })
}

struct CodeBuild {
    hub: Arc<Hub>,
    store: Mutex<Store>,
}

#[derive(Default)]
struct Store {
    projects: BTreeMap<String, Project>,
    /// In the order in which they were started.
    builds: Vec<Arc<Build>>,
    /// One build of a project runs at a time.
    turns: HashMap<String, Arc<tokio::sync::Mutex<()>>>,
    /// Builds by project and idempotency token.
    tokens: HashMap<(String, String), Arc<Build>>,
}

impl Service for CodeBuild {
    fn name(&self) -> &'static str {
        "codebuild"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let input = &request.input;
            match request.operation.as_str() {
                "CreateProject" => self.create_project(input),
                "UpdateProject" => self.update_project(input),
                "DeleteProject" => {
                    self.store().projects.remove(name(input, "name")?);
                    Ok(json!({}))
                }
                "BatchGetProjects" => Ok(self.batch_get_projects(input)),
                "ListProjects" => {
                    let projects: Vec<String> = self.store().projects.keys().cloned().collect();
                    Ok(json!({ "projects": ordered(projects, input) }))
                }
                "StartBuild" => self.start_build(input, !request.over_the_wire),
                "StopBuild" => self.stop_build(input),
                "BatchGetBuilds" => Ok(self.batch_get_builds(input)),
                "ListBuilds" => Ok(json!({ "ids": self.list_builds(None, input) })),
                "ListBuildsForProject" => {
                    let project = name(input, "projectName")?;
                    self.find_project(project)?;
                    Ok(json!({ "ids": self.list_builds(Some(project), input) }))
                }
                operation => Err(ServiceError::not_implemented("codebuild", operation)),
            }
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            for build in &self.store().builds {
                build.stop.send_replace(true);
            }
        })
    }
}

impl CodeBuild {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn create_project(&self, input: &Input) -> Reply {
        let project = Project::create(input, self.hub.now())?;
        let mut store = self.store();
        let name = project.name().to_owned();
        if store.projects.contains_key(&name) {
            let arn = self.hub.arn("codebuild", &format!("project/{name}"));
            return Err(ServiceError::new("ResourceAlreadyExistsException", format!("Project already exists: {arn}")));
        }
        let shown = project.describe(&self.hub);
        store.projects.insert(name, project);
        Ok(json!({ "project": shown }))
    }

    fn update_project(&self, input: &Input) -> Reply {
        let wanted = name(input, "name")?;
        let mut store = self.store();
        let project = store.projects.get_mut(wanted).ok_or_else(|| self.missing_project(wanted))?;
        project.update(input, self.hub.now())?;
        Ok(json!({ "project": project.describe(&self.hub) }))
    }

    fn find_project(&self, wanted: &str) -> Result<Project, ServiceError> {
        self.store().projects.get(wanted).cloned().ok_or_else(|| self.missing_project(wanted))
    }

    fn missing_project(&self, wanted: &str) -> ServiceError {
        let arn = self.hub.arn("codebuild", &format!("project/{wanted}"));
        ServiceError::new("ResourceNotFoundException", format!("Project cannot be found: {arn}"))
    }

    fn batch_get_projects(&self, input: &Input) -> Value {
        let store = self.store();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for asked in input.strings("names") {
            // A name or an ARN.
            match store.projects.get(asked.rsplit('/').next().unwrap_or_default()) {
                Some(project) => found.push(project.describe(&self.hub)),
                None => missing.push(asked),
            }
        }
        json!({ "projects": found, "projectsNotFound": missing })
    }

    fn start_build(&self, input: &Input, inside: bool) -> Reply {
        let asked = name(input, "projectName")?;
        let asked = asked.rsplit('/').next().unwrap_or_default();
        let token = input.opt_str("idempotencyToken").map(|token| (asked.to_owned(), token.to_owned()));
        let mut store = self.store();
        if let Some(build) = token.as_ref().and_then(|token| store.tokens.get(token)) {
            return Ok(json!({ "build": build.describe(&self.hub) }));
        }
        let project = store.projects.get_mut(asked).ok_or_else(|| self.missing_project(asked))?;
        let plan = Plan::new(project, input, inside)?;
        project.builds += 1;
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
        let id = name(input, "id")?;
        let build = self
            .find_build(id)
            .ok_or_else(|| ServiceError::new("ResourceNotFoundException", format!("Build cannot be found: {id}")))?;
        build.stop.send_replace(true);
        Ok(json!({ "build": build.describe(&self.hub) }))
    }

    /// By id or ARN.
    fn find_build(&self, id: &str) -> Option<Arc<Build>> {
        let id = id.rsplit('/').next().unwrap_or_default();
        self.store().builds.iter().find(|build| build.id == id).cloned()
    }

    fn batch_get_builds(&self, input: &Input) -> Value {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for id in input.strings("ids") {
            match self.find_build(&id) {
                Some(build) => found.push(build.describe(&self.hub)),
                None => missing.push(id),
            }
        }
        json!({ "builds": found, "buildsNotFound": missing })
    }

    /// The newest first, unless asked otherwise.
    fn list_builds(&self, project: Option<&str>, input: &Input) -> Vec<String> {
        let store = self.store();
        let builds = store.builds.iter().filter(|build| project.is_none_or(|project| build.plan.project == project));
        let mut ids: Vec<String> = builds.map(|build| build.id.clone()).collect();
        if input.opt_str("sortOrder") != Some("ASCENDING") {
            ids.reverse();
        }
        ids
    }
}

fn name<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    input.opt_str(member).ok_or_else(|| invalid(format!("{member} is required")))
}

fn ordered(mut names: Vec<String>, input: &Input) -> Vec<String> {
    if input.opt_str("sortOrder") == Some("DESCENDING") {
        names.reverse();
    }
    names
}
