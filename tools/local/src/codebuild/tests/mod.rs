//! Real builds through the API: real bash, real files, an object store, and EventBridge as a list.

mod course;
mod projects;
mod roles;
mod running;
mod sources;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::core::testing::{Fake, hub_at_in};
use crate::core::{Hub, Reply, Service, ServiceError, StoredObject};
use crate::sts::testing::decided;

struct World {
    hub: Arc<Hub>,
    events: Arc<Fake>,
    logs: Arc<Fake>,
    directory: TempDir,
}

impl World {
    async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let store = directory.path().join("s3");
        std::fs::create_dir(&store).unwrap();
        let s3 = crate::s3::S3Endpoint::open(&store).unwrap();
        let hub = hub_at_in(1000.0, &directory.path().join("plane"));
        s3.attach(&hub);
        let [iam, sts] = decided(&hub);
        let events = Fake::quiet("events", &["PutServiceEvents"]);
        let logs = Fake::quiet("logs", &["CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"]);
        let ssm = Fake::new("ssm", |operation, input| match (operation, input["Name"].as_str()) {
            ("GetParameter", Some("/known")) => Ok(json!({ "Parameter": { "Value": "from ssm" } })),
            ("GetParameter", _) => Err(ServiceError::new("ParameterNotFound", "there is none")),
            (other, _) => panic!("nobody asks ssm for {other}"),
        });
        let mut services: Vec<Arc<dyn Service>> =
            vec![super::service(&hub), crate::codecommit::service(&hub), iam, sts, ssm];
        services.extend([&events, &logs].map(|fake| Arc::clone(fake) as Arc<dyn Service>));
        hub.register(services, s3.objects());
        hub.objects().unwrap().create_bucket("artifacts").await.unwrap();
        let world = Self { hub, events, logs, directory };
        world.role().await;
        world
    }

    /// The projects' role, which may do everything.
    async fn role(&self) {
        let service = json!({ "Service": "codebuild.amazonaws.com" });
        let trust = json!({ "Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole" });
        let trust = json!({ "Version": "2012-10-17", "Statement": trust }).to_string();
        let made = json!({ "RoleName": "build", "AssumeRolePolicyDocument": trust });
        self.hub.call("iam", "CreateRole", made).await.unwrap();
        self.policy("everything", "Allow", "*").await;
    }

    async fn policy(&self, name: &str, effect: &str, action: &str) {
        let statement = json!({ "Effect": effect, "Action": action, "Resource": "*" });
        let document = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let input = json!({ "RoleName": "build", "PolicyName": name, "PolicyDocument": document });
        self.hub.call("iam", "PutRolePolicy", input).await.unwrap();
    }

    /// The events that were published.
    fn published(&self) -> Vec<Value> {
        self.events
            .inputs("PutServiceEvents")
            .iter()
            .flat_map(|input| input["Entries"].as_array().unwrap().clone())
            .collect()
    }

    /// The lines that went to the log service.
    fn lines(&self) -> Vec<Value> {
        self.logs
            .inputs("PutLogEvents")
            .iter()
            .flat_map(|input| input["logEvents"].as_array().unwrap().clone())
            .collect()
    }

    async fn ask(&self, operation: &str, input: Value) -> Reply {
        self.hub.call("codebuild", operation, input).await
    }

    /// A project named `app`; `members` go over the usual ones.
    async fn project(&self, members: Value) {
        let mut input = json!({
            "name": "app", "serviceRole": "arn:aws:iam::000000000000:role/build",
            "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {}\n" },
            "artifacts": { "type": "NO_ARTIFACTS" },
            "environment": { "type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL" },
        });
        for (name, value) in members.as_object().unwrap() {
            input[name] = value.clone();
        }
        self.ask("CreateProject", input).await.unwrap();
    }

    async fn started(&self, overrides: Value) -> String {
        let mut input = overrides;
        input["projectName"] = json!("app");
        let build = self.ask("StartBuild", input).await.unwrap();
        build["build"]["id"].as_str().unwrap().to_owned()
    }

    async fn build(&self, id: &str) -> Value {
        self.ask("BatchGetBuilds", json!({ "ids": [id] })).await.unwrap()["builds"][0].clone()
    }

    /// Runs a build to its end.
    async fn run(&self, overrides: Value) -> Value {
        let id = self.started(overrides).await;
        let ended = async {
            loop {
                let build = self.build(&id).await;
                if build["buildComplete"] == true {
                    return build;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), ended).await.expect("the build ends")
    }

    /// Runs a buildspec without a source; answers the build and its log.
    async fn run_spec(&self, spec: &str) -> (Value, String) {
        let build = self.run(json!({ "buildspecOverride": spec })).await;
        let log = self.log(&build);
        (build, log)
    }

    fn log(&self, build: &Value) -> String {
        let stream = build["logs"]["streamName"].as_str().unwrap();
        let file = self.directory.path().join(format!("plane/codebuild/app/logs/{stream}.log"));
        std::fs::read_to_string(file).unwrap()
    }

    async fn store(&self, key: &str, files: &[(&str, &str)]) {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        let body = Bytes::from(zip.finish().unwrap().into_inner());
        let object = StoredObject { body, ..StoredObject::default() };
        self.hub.objects().unwrap().put("artifacts", key, object).await.unwrap();
    }

    /// The files of a zip in the bucket with their content.
    async fn stored(&self, key: &str) -> Vec<(String, String)> {
        let object = self.hub.objects().unwrap().get("artifacts", key).await.unwrap();
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(object.body)).unwrap();
        (0..zip.len())
            .map(|index| {
                let mut entry = zip.by_index(index).unwrap();
                let name = entry.name().unwrap().into_owned();
                (name, std::io::read_to_string(&mut entry).unwrap())
            })
            .collect()
    }
}

fn phase<'a>(build: &'a Value, wanted: &str) -> &'a Value {
    build["phases"].as_array().unwrap().iter().find(|phase| phase["phaseType"] == wanted).unwrap_or(&Value::Null)
}

/// Phases with commands and how they ended, such as `INSTALL=SUCCEEDED`.
fn course(build: &Value) -> String {
    let phases = build["phases"].as_array().unwrap().iter();
    let told = phases.filter(|phase| {
        ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS"]
            .iter()
            .any(|name| phase["phaseType"] == *name)
    });
    told.map(|phase| format!("{}={}", phase["phaseType"].as_str().unwrap(), phase["phaseStatus"].as_str().unwrap()))
        .collect::<Vec<_>>()
        .join(" ")
}

const ALL: &str =
    "INSTALL=SUCCEEDED PRE_BUILD=SUCCEEDED BUILD=SUCCEEDED POST_BUILD=SUCCEEDED UPLOAD_ARTIFACTS=SUCCEEDED";

fn shown_event(entry: &Value) -> String {
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    let word = if entry["DetailType"] == "CodeBuild Build State Change" { "build-status" } else { "completed-phase" };
    detail[word].as_str().unwrap().to_owned()
}

fn a_project() -> Value {
    json!({
        "name": "app", "serviceRole": "arn:aws:iam::000000000000:role/service-role/build",
        "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2" }, "artifacts": { "type": "NO_ARTIFACTS" },
        "environment": { "type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL" },
    })
}
