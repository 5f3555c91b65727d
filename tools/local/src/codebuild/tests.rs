//! Real builds through the API: real bash, real files, an object store, and EventBridge as a list.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_case::test_case;

use crate::core::{Clock, Hub, Ids, PlaneIdentity, Reply, Request, Service, ServiceError, StoredObject};

/// The services that a build asks: EventBridge's inner door and one parameter.
struct Fake {
    name: &'static str,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Service for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            match request.operation.as_str() {
                "PutServiceEvents" => {
                    self.asked.lock().unwrap().extend_from_slice(request.input.list("Entries"));
                    Ok(json!({}))
                }
                "GetParameter" if request.input.opt_str("Name") == Some("/known") => {
                    Ok(json!({ "Parameter": { "Value": "from ssm" } }))
                }
                "PutLogEvents" => {
                    self.asked.lock().unwrap().extend_from_slice(request.input.list("logEvents"));
                    Ok(json!({}))
                }
                "CreateLogGroup" | "CreateLogStream" => Ok(json!({})),
                _ => Err(ServiceError::new("ParameterNotFound", "there is none")),
            }
        })
    }
}

struct World {
    hub: Arc<Hub>,
    events: Arc<Mutex<Vec<Value>>>,
    lines: Arc<Mutex<Vec<Value>>>,
    directory: TempDir,
}

impl World {
    async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let store = directory.path().join("s3");
        std::fs::create_dir(&store).unwrap();
        let objects = crate::s3::S3Endpoint::open(&store).unwrap().objects();
        let data = directory.path().join("plane");
        let endpoint = "http://127.0.0.1:1".to_owned();
        let hub = Hub::new(Clock::scaled(1000.0), Ids::seeded(1), PlaneIdentity::default(), endpoint, data);
        let (events, lines) = (Arc::<Mutex<_>>::default(), Arc::<Mutex<_>>::default());
        let fake = |name, asked: &Arc<_>| Arc::new(Fake { name, asked: Arc::clone(asked) }) as Arc<dyn Service>;
        let services = vec![
            super::service(&hub),
            crate::codecommit::service(&hub),
            fake("events", &events),
            fake("logs", &lines),
            fake("ssm", &lines),
        ];
        hub.register(services, objects);
        hub.objects().unwrap().create_bucket("artifacts").await.unwrap();
        Self { hub, events, lines, directory }
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
        loop {
            let build = self.build(&id).await;
            if build["buildComplete"] == true {
                return build;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
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

#[test_case("build: {commands: ['cd /tmp', 'echo at=$PWD']}", "at=/tmp", ALL; "a command is where the one before went")]
#[test_case("build: {commands: ['X=1; f() { echo f$X; }', 'f']}", "f1", ALL; "variables and functions stay in a phase")]
#[test_case("install: {commands: ['export A=one; cd /tmp']}, build: {commands: ['echo $A-$PWD']}", "one-/tmp", ALL; "exports and directory stay over phases")]
#[test_case("build: {commands: ['echo \"it''s\"']}", "it's", ALL; "quotes are the commands own")]
#[test_case("build: {commands: ['cat <<END\nhere\nEND', 'printf no-newline']}", "no-newline", ALL; "output without a last newline is kept")]
#[test_case("build: {commands: ['echo S=$CODEBUILD_BUILD_SUCCEEDING']}", "S=1", ALL; "a build that goes well says so")]
#[test_case("install: {commands: ['exit 3']}, build: {commands: ['echo never']}", "", "INSTALL=FAILED"; "a failed install ends the build")]
#[test_case("pre_build: {commands: ['false', 'echo never'], finally: ['echo at last']}", "at last", "INSTALL=SUCCEEDED PRE_BUILD=FAILED"; "finally runs after a failure")]
#[test_case("build: {commands: ['false']}, post_build: {commands: ['echo S=$CODEBUILD_BUILD_SUCCEEDING']}", "S=0", "INSTALL=SUCCEEDED PRE_BUILD=SUCCEEDED BUILD=FAILED POST_BUILD=SUCCEEDED UPLOAD_ARTIFACTS=SUCCEEDED"; "post_build knows of a failed build")]
#[test_case("build: {on-failure: ABORT, commands: ['false']}, post_build: {commands: ['echo never']}", "", "INSTALL=SUCCEEDED PRE_BUILD=SUCCEEDED BUILD=FAILED"; "abort ends the build")]
#[test_case("install: {on-failure: CONTINUE, commands: ['false']}, build: {commands: ['echo goes on']}", "goes on", "INSTALL=FAILED PRE_BUILD=SUCCEEDED BUILD=SUCCEEDED POST_BUILD=SUCCEEDED UPLOAD_ARTIFACTS=SUCCEEDED"; "continue goes on")]
#[test_case("build: {commands: ['true'], finally: ['false']}", "", "INSTALL=SUCCEEDED PRE_BUILD=SUCCEEDED BUILD=FAILED POST_BUILD=SUCCEEDED UPLOAD_ARTIFACTS=SUCCEEDED"; "a failed finally fails the phase")]
#[test_case("build: {commands: ['kill -9 0']}", "", "INSTALL=SUCCEEDED PRE_BUILD=SUCCEEDED BUILD=FAILED POST_BUILD=SUCCEEDED UPLOAD_ARTIFACTS=SUCCEEDED"; "a build that kills its own shell fails")]
#[test_case("build: {commands: ['if [ -n \"$SLIPWAY_LEAK\" ]; then echo leak; fi', 'echo H=${HOME:+set} $AWS_ENDPOINT_URL']}", "H=set http://127.0.0.1:1", ALL; "the environment holds what is needed")]
#[tokio::test]
async fn phases_run_as_buildspec_0_2_says(phases: &str, printed: &str, expected: &str) {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = format!(
        "version: 0.2\nenv: {{shell: bash}}\nphases: {{{}}}\n",
        phases.replace('\n', "\\n").replace("'cat <<", "\"cat <<").replace("END'", "END\"")
    );
    let (build, log) = world.run_spec(&spec).await;
    assert_eq!(course(&build), expected, "{log}");
    let lines: Vec<&str> = log.lines().filter(|line| !line.starts_with("[Container]")).collect();
    assert!(printed.is_empty() || lines.contains(&printed), "{log}");
    assert!(!lines.contains(&"echo never") && !lines.contains(&"never"), "{log}");
    let well = if expected == ALL { "SUCCEEDED" } else { "FAILED" };
    assert_eq!(build["buildStatus"], well);
}

#[tokio::test]
async fn a_failure_tells_command_status_and_last_output() {
    let world = World::start().await;
    world.project(json!({})).await;
    let (build, _) = world
        .run_spec("version: 0.2\nphases:\n  build:\n    commands:\n      - echo why; echo really >&2; exit 7\n")
        .await;
    let context = &phase(&build, "BUILD")["contexts"][0];
    assert_eq!(context["statusCode"], "COMMAND_EXECUTION_ERROR");
    assert_eq!(
        context["message"],
        "Error while executing command: echo why; echo really >&2; exit 7. Reason: exit status 7\nwhy\nreally"
    );
}

#[tokio::test]
async fn variables_come_from_spec_parameters_project_and_request_in_that_order() {
    let world = World::start().await;
    world
        .project(json!({
            "environment": {
                "type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{ "name": "B", "value": "project" }, { "name": "C", "value": "project" }],
            },
        }))
        .await;
    let spec = "version: 0.2\nenv:\n  variables: {A: spec, B: spec, C: spec}\n  parameter-store: {P: /known}\n  \
                exported-variables: [OUT, C]\nphases:\n  build:\n    commands:\n      - export OUT=\"$A $B $C $P\"\n";
    let over = json!([{ "name": "C", "value": "request", "type": "PLAINTEXT" }]);
    let build = world.run(json!({ "buildspecOverride": spec, "environmentVariablesOverride": over })).await;
    assert_eq!(
        build["exportedEnvironmentVariables"],
        json!([{ "name": "OUT", "value": "spec project request from ssm" }, { "name": "C", "value": "request" }])
    );
}

#[tokio::test]
async fn an_unknown_parameter_fails_the_build_and_is_named() {
    let world = World::start().await;
    world.project(json!({})).await;
    let (build, _) = world.run_spec("version: 0.2\nenv: {parameter-store: {P: /unknown}}\nphases: {}\n").await;
    let message = phase(&build, "DOWNLOAD_SOURCE")["contexts"][0]["message"].as_str().unwrap().to_owned();
    assert_eq!(build["buildStatus"], "FAILED");
    assert!(message.contains("/unknown"), "{message}");
}

#[tokio::test]
async fn a_source_is_checked_out_cleanly_while_its_cache_stays() {
    let world = World::start().await;
    let spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - ls; cat kept/* || true\n      - mkdir -p kept && echo cached > kept/file\n      \
                - echo left > left.txt\n      - mkdir -p out && cp app.txt out/\nartifacts:\n  base-directory: out\n  files: ['**/*']\ncache:\n  paths: ['kept/**/*']\n";
    world
        .project(json!({
            "source": { "type": "S3", "location": "artifacts/source.zip" },
            "artifacts": { "type": "S3", "location": "artifacts", "path": "built", "name": "app.zip", "packaging": "ZIP" },
            "cache": { "type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"] },
        }))
        .await;
    world.store("source.zip", &[("buildspec.yml", spec), ("app.txt", "one"), ("old.txt", "")]).await;
    let build = world.run(json!({})).await;
    assert_eq!(build["buildStatus"], "SUCCEEDED", "{}", world.log(&build));
    assert_eq!(world.stored("built/app.zip").await, [("app.txt".to_owned(), "one".to_owned())]);
    assert_eq!(build["artifacts"]["location"], "arn:aws:s3:::artifacts/built/app.zip");

    world.store("source.zip", &[("buildspec.yml", spec), ("app.txt", "two")]).await;
    let build = world.run(json!({})).await;
    let log = world.log(&build);
    assert!(log.contains("\ncached\n") && !log.contains("\nold.txt\n"), "{log}");
    assert!(!log.lines().any(|line| line == "left.txt"), "{log}");
    assert!(log.contains("1 files written"), "{log}");
    assert_eq!(world.stored("built/app.zip").await, [("app.txt".to_owned(), "two".to_owned())]);
}

#[tokio::test]
async fn a_pipeline_hands_over_its_artifacts_by_overrides() {
    let world = World::start().await;
    world.project(json!({ "source": { "type": "CODEPIPELINE" }, "artifacts": { "type": "CODEPIPELINE" } })).await;
    let direct = world.ask("StartBuild", json!({ "projectName": "app" })).await.unwrap_err();
    assert!(direct.message.contains("started by its pipeline"), "{direct}");

    let spec = "version: 0.2\nphases: {build: {commands: ['cat $CODEBUILD_SRC_DIR_More/b.txt', 'echo $CODEBUILD_INITIATOR $CODEBUILD_RESOLVED_SOURCE_VERSION > made']}}\n\
                artifacts: {files: made}\n";
    world.store("in/one", &[("buildspec.yml", spec)]).await;
    world.store("in/two", &[("b.txt", "second source\n")]).await;
    let build = world
        .run(json!({
            "sourceTypeOverride": "S3", "sourceLocationOverride": "artifacts/in/one",
            "secondarySourcesOverride": [{ "type": "S3", "location": "artifacts/in/two", "sourceIdentifier": "More" }],
            "artifactsOverride": { "type": "S3", "location": "artifacts", "name": "slipway/BuildOutp/abc", "packaging": "ZIP" },
            "initiator": "codepipeline/slipway", "resolvedSourceVersion": "c0ffee",
        }))
        .await;
    let log = world.log(&build);
    assert!(log.contains("\nsecond source\n"), "{log}");
    let made = ("made".to_owned(), "codepipeline/slipway c0ffee\n".to_owned());
    assert_eq!(world.stored("slipway/BuildOutp/abc").await, [made]);
}

#[tokio::test]
async fn a_stopped_build_leaves_no_process_and_says_stopped() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['sleep 600 & sleep 600'], finally: ['echo never']}}\n";
    let id = world.started(json!({ "buildspecOverride": spec })).await;
    while world.build(&id).await["currentPhase"] != "BUILD" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(world.hub.processes.len(), 1);
    world.ask("StopBuild", json!({ "id": id })).await.unwrap();
    while world.build(&id).await["buildComplete"] != true {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let build = world.build(&id).await;
    assert_eq!((&build["buildStatus"], &phase(&build, "BUILD")["phaseStatus"]), (&json!("STOPPED"), &json!("STOPPED")));
    assert!(world.hub.processes.is_empty());
}

#[tokio::test]
async fn builds_of_a_project_run_one_after_the_other() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['test ! -e lock && touch lock && sleep 0.05 && rm lock']}}\n";
    let run = || world.run(json!({ "buildspecOverride": spec }));
    let (one, two, three) = tokio::join!(run(), run(), run());
    for build in [one, two, three] {
        assert_eq!(build["buildStatus"], "SUCCEEDED", "{}", world.log(&build));
    }
    let listed = world.ask("ListBuildsForProject", json!({ "projectName": "app" })).await.unwrap();
    assert_eq!(listed["ids"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn states_and_phases_are_published_in_order_and_lines_go_to_the_log_service() {
    let world = World::start().await;
    world.project(json!({})).await;
    world.run_spec("version: 0.2\nphases: {build: {commands: ['echo to the service']}}\n").await;
    // The last event is published after the build shows as complete.
    let told = loop {
        let told: Vec<String> = world.events.lock().unwrap().iter().map(shown_event).collect();
        if told.last().is_some_and(|last| last == "SUCCEEDED") {
            break told;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(
        told.join(" "),
        "IN_PROGRESS SUBMITTED QUEUED PROVISIONING DOWNLOAD_SOURCE INSTALL PRE_BUILD BUILD POST_BUILD \
         UPLOAD_ARTIFACTS FINALIZING SUCCEEDED"
    );
    let lines = world.lines.lock().unwrap();
    assert!(lines.iter().any(|line| line["message"] == "to the service"));
}

fn shown_event(entry: &Value) -> String {
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    let word = if entry["DetailType"] == "CodeBuild Build State Change" { "build-status" } else { "completed-phase" };
    detail[word].as_str().unwrap().to_owned()
}

#[test_case("version: 0.2\nphases: {}\nartifacts: {files: none}\n", "UPLOAD_ARTIFACTS", "no matching artifact paths"; "no artifact")]
#[test_case("version: 0.3\nphases: {}\n", "DOWNLOAD_SOURCE", "version 0.3 is not run"; "another version")]
#[test_case("other.yml", "DOWNLOAD_SOURCE", "stat other.yml: no such file"; "no buildspec")]
#[tokio::test]
async fn what_is_wrong_fails_its_phase_with_the_reason(spec: &str, failing: &str, reason: &str) {
    let world = World::start().await;
    let artifacts = json!({ "type": "S3", "location": "artifacts", "packaging": "ZIP" });
    world.project(json!({ "artifacts": artifacts })).await;
    let build = world.run(json!({ "buildspecOverride": spec })).await;
    let failed = phase(&build, failing);
    assert_eq!(failed["phaseStatus"], "FAILED", "{build}");
    assert!(failed["contexts"][0]["message"].as_str().unwrap().contains(reason), "{failed}");
    assert_eq!(build["buildStatus"], "FAILED");
}

#[tokio::test]
async fn what_a_project_cannot_be_is_refused_and_named() {
    let world = World::start().await;
    let project = json!({
        "name": "app", "serviceRole": "r", "artifacts": { "type": "NO_ARTIFACTS" }, "environment": {},
        "source": { "type": "GITHUB", "location": "https://example.com/a.git" },
    });
    let error = world.ask("CreateProject", project).await.unwrap_err();
    assert!(error.is("InvalidInputException") && error.message.contains("GITHUB"), "{error}");
    let unknown = world.ask("StartBuild", json!({ "projectName": "nowhere" })).await.unwrap_err();
    assert!(unknown.is("ResourceNotFoundException"));
}
