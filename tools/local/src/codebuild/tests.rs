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
use crate::iam::{Authority, Credentials, Directory};

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
        let s3 = crate::s3::S3Endpoint::open(&store).unwrap();
        let data = directory.path().join("plane");
        let endpoint = "http://127.0.0.1:1".to_owned();
        let hub = Hub::new(Clock::scaled(1000.0), Ids::seeded(1), PlaneIdentity::default(), endpoint, data);
        s3.attach(&hub);
        let (events, lines) = (Arc::<Mutex<_>>::default(), Arc::<Mutex<_>>::default());
        let fake = |name, asked: &Arc<_>| Arc::new(Fake { name, asked: Arc::clone(asked) }) as Arc<dyn Service>;
        let mut services = vec![
            super::service(&hub),
            crate::codecommit::service(&hub),
            fake("events", &events),
            fake("logs", &lines),
            fake("ssm", &lines),
        ];
        let (users, credentials) = (Arc::<Directory>::default(), Arc::<Credentials>::default());
        hub.set_authority(Authority::new(&hub, &users, &credentials, true));
        services.extend([crate::iam::service(&hub, &users), crate::sts::service(&hub, &users, &credentials)]);
        hub.register(services, s3.objects());
        hub.objects().unwrap().create_bucket("artifacts").await.unwrap();
        let world = Self { hub, events, lines, directory };
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
#[test_case("pre_build: {commands: ['SHORT=$(echo 0123456789 | cut -c 1-7)', 'RELEASE=${SHORT:=none}']}, build: {commands: ['true']}, post_build: {commands: ['echo \"<$RELEASE>\"']}", "<0123456>", ALL; "a variable that is not exported lives on over phases")]
#[test_case("install: {commands: ['f() { echo f$1; }; shopt -s extglob; umask 027']}, build: {commands: ['f 1; shopt extglob | cut -f2; umask']}", "0027", ALL; "functions options and umask live on over phases")]
#[test_case("install: {commands: ['set -e']}, build: {commands: ['echo begun; false; echo never']}", "begun", "INSTALL=SUCCEEDED PRE_BUILD=SUCCEEDED BUILD=FAILED POST_BUILD=SUCCEEDED UPLOAD_ARTIFACTS=SUCCEEDED"; "set -e lives on over phases")]
#[test_case("install: {commands: ['X=kept; readonly R=r; cd /tmp']}, build: {commands: ['exit 3']}, post_build: {commands: ['echo $X-$R-$PWD']}", "kept-r-/tmp", "INSTALL=SUCCEEDED PRE_BUILD=SUCCEEDED BUILD=FAILED POST_BUILD=SUCCEEDED UPLOAD_ARTIFACTS=SUCCEEDED"; "what a shell that ended had is there for the next")]
#[test_case("build: {commands: ['exit 0', 'echo next']}", "next", ALL; "exit 0 ends its command alone")]
#[test_case("build: {commands: ['exec 3>/dev/null; exec >&3', 'exec >&2', 'echo back']}", "back", ALL; "a command may redirect the shell")]
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
async fn a_failure_tells_command_and_status() {
    let world = World::start().await;
    world.project(json!({})).await;
    let (build, log) = world
        .run_spec("version: 0.2\nphases:\n  build:\n    commands:\n      - echo why; echo really >&2; exit 7\n")
        .await;
    assert!(log.contains("\nwhy\nreally\n"), "{log}");
    assert!(log.contains("Command did not exit successfully echo why; echo really >&2; exit 7 exit status 7"), "{log}");
    let context = &phase(&build, "BUILD")["contexts"][0];
    assert_eq!(context["statusCode"], "COMMAND_EXECUTION_ERROR");
    assert_eq!(
        context["message"],
        "Error while executing command: echo why; echo really >&2; exit 7. Reason: exit status 7"
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
#[test_case("other.yml", "DOWNLOAD_SOURCE", "/src/other.yml: no such file"; "no buildspec")]
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
async fn a_command_has_lines_comments_and_quotes() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        # a comment\n        if true; then\n          \
                echo \"it's a\" |\n            tr a-z A-Z\n        fi\n";
    let (build, log) = world.run_spec(spec).await;
    assert_eq!(build["buildStatus"], "SUCCEEDED");
    assert!(log.contains("\nIT'S A\n"), "{log}");
}

#[tokio::test]
async fn version_0_1_runs_each_command_in_a_shell_of_its_own() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec =
        "version: 0.1\nphases:\n  build:\n    commands:\n      - X=1; export Y=1; cd /\n      - echo \"<$X$Y> $PWD\"\n";
    let (build, log) = world.run_spec(spec).await;
    assert_eq!(build["buildStatus"], "SUCCEEDED");
    let at = world.directory.path().join("plane/codebuild/app/src");
    assert!(log.contains(&format!("\n<> {}\n", at.display())), "{log}");
}

#[tokio::test]
async fn a_project_with_a_source_that_is_not_fetched_is_kept_and_no_build_of_it_starts() {
    let world = World::start().await;
    world.project(json!({ "source": { "type": "GITHUB", "location": "https://example.com/a.git" } })).await;
    let error = world.ask("StartBuild", json!({ "projectName": "app" })).await.unwrap_err();
    assert!(error.is("NotImplemented") && error.message.contains("GITHUB"), "{error}");
}

#[tokio::test]
async fn a_build_shows_what_aws_fills_in() {
    let world = World::start().await;
    world.project(json!({})).await;
    let started = world.ask("StartBuild", json!({ "projectName": "app" })).await.unwrap()["build"].clone();
    assert_eq!((&started["currentPhase"], &started["buildStatus"]), (&json!("QUEUED"), &json!("IN_PROGRESS")));
    assert_eq!(started["phases"][0]["phaseStatus"], "SUCCEEDED");
    assert_eq!(started["artifacts"], json!({ "location": "" }));
    assert_eq!(started["cache"], json!({ "type": "NO_CACHE" }));
    assert_eq!(started["encryptionKey"], "arn:aws:kms:us-east-1:000000000000:alias/aws/s3");
    assert_eq!(
        started["environment"],
        json!({
            "type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [], "privilegedMode": false, "imagePullCredentialsType": "CODEBUILD",
        })
    );
    assert_eq!(started["logs"]["s3Logs"]["status"], "DISABLED");
    for empty in ["secondarySources", "secondarySourceVersions", "secondaryArtifacts"] {
        assert_eq!(started[empty], json!([]), "{empty}");
    }
}

#[tokio::test]
async fn logs_go_where_the_project_says() {
    let world = World::start().await;
    let logs = json!({ "cloudWatchLogs": { "status": "ENABLED", "groupName": "g", "streamName": "s" } });
    world.project(json!({ "logsConfig": logs })).await;
    let build = world.run(json!({})).await;
    let stream = format!("s/{}", build["id"].as_str().unwrap().rsplit(':').next().unwrap());
    assert_eq!((&build["logs"]["groupName"], &build["logs"]["streamName"]), (&json!("g"), &json!(stream)));
    world.lines.lock().unwrap().clear();
    let disabled = json!({ "cloudWatchLogs": { "status": "DISABLED" } });
    let build = world.run(json!({ "logsConfigOverride": disabled })).await;
    assert_eq!(build["logs"]["cloudWatchLogs"], json!({ "status": "DISABLED" }));
    assert!(world.lines.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_build_is_run_again_and_forgotten() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['echo again']}}\n";
    let (first, _) = world.run_spec(spec).await;
    let again = world.ask("RetryBuild", json!({ "id": first["id"] })).await.unwrap()["build"].clone();
    assert_eq!((&again["buildNumber"], &again["source"]), (&json!(2), &first["source"]));
    let id = again["id"].as_str().unwrap().to_owned();
    while world.build(&id).await["buildComplete"] != true {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let asked = json!({ "ids": [first["arn"], "app:unknown"] });
    let deleted = world.ask("BatchDeleteBuilds", asked).await.unwrap();
    assert_eq!(deleted["buildsDeleted"], json!([first["arn"]]));
    assert_eq!(deleted["buildsNotDeleted"][0]["statusCode"], "BUILD_NOT_FOUND");
    let found = world.ask("BatchGetBuilds", json!({ "ids": [first["id"], id] })).await.unwrap();
    assert_eq!((found["builds"].as_array().unwrap().len(), &found["buildsNotFound"]), (1, &json!([first["id"]])));
}

#[tokio::test]
async fn an_invalidated_cache_is_not_there_for_the_next_build() {
    let world = World::start().await;
    world.project(json!({ "cache": { "type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"] } })).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['ls kept || true', 'mkdir -p kept; touch kept/file']}}\n\
                cache: {paths: ['kept/**/*']}\n";
    world.run_spec(spec).await;
    assert!(world.run_spec(spec).await.1.contains("\nfile\n"));
    world.ask("InvalidateProjectCache", json!({ "projectName": "app" })).await.unwrap();
    assert!(!world.run_spec(spec).await.1.contains("\nfile\n"));
}

#[tokio::test]
async fn a_buildspec_may_lie_in_a_bucket() {
    let world = World::start().await;
    let body = Bytes::from_static(b"version: 0.2\nphases: {build: {commands: ['echo from the bucket']}}\n");
    world
        .hub
        .objects()
        .unwrap()
        .put("artifacts", "specs/b.yml", StoredObject { body, ..StoredObject::default() })
        .await
        .unwrap();
    world
        .project(json!({ "source": { "type": "NO_SOURCE", "buildspec": "arn:aws:s3:::artifacts/specs/b.yml" } }))
        .await;
    let build = world.run(json!({})).await;
    assert!(world.log(&build).contains("\nfrom the bucket\n"));
}

fn a_project() -> Value {
    json!({
        "name": "app", "serviceRole": "arn:aws:iam::000000000000:role/service-role/build",
        "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2" }, "artifacts": { "type": "NO_ARTIFACTS" },
        "environment": { "type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL" },
    })
}

#[test_case("/name", json!("a b"), "Only alphanumeric characters, dash, and underscore are supported"; "name")]
#[test_case("/name", json!("a"), "between 2 and 150"; "short name")]
#[test_case("/serviceRole", json!("arn:aws:iam::0000:role/x"), "Invalid service role"; "role that is none")]
#[test_case("/serviceRole", json!("role"), "Invalid service role"; "role without an ARN")]
#[test_case("/serviceRole", json!("arn:aws:iam::111111111111:role/x"), "Service role account ID does not match caller's account"; "role of another account")]
#[test_case("/source", json!({ "type": "SVN" }), "Invalid type provided: Project source type"; "source type")]
#[test_case("/source", json!({ "type": "S3" }), "Project source location is required"; "source without a place")]
#[test_case("/source", json!({ "type": "NO_SOURCE" }), "a buildspec is required"; "neither source nor buildspec")]
#[test_case("/source", json!({ "type": "CODEPIPELINE" }), "both be of type CODEPIPELINE"; "a pipeline on one side")]
#[test_case("/artifacts", json!({ "type": "NO_ARTIFACTS", "location": "b" }), "artifact type NO_ARTIFACTS should have null location"; "no artifacts somewhere")]
#[test_case("/artifacts", json!({ "type": "S3" }), "location is required"; "artifacts without a bucket")]
#[test_case("/artifacts", json!({ "type": "FTP" }), "Invalid type provided: Artifact type"; "artifact type")]
#[test_case("/environment/type", json!("BEOS"), "Invalid type provided: BEOS"; "environment type")]
#[test_case("/environment/computeType", json!("BUILD_LAMBDA_1GB"), "Invalid compute type provided: BUILD_LAMBDA_1GB"; "compute type")]
#[test_case("/timeoutInMinutes", json!(4), "timeoutInMinutes must be between 5 and 2160"; "too short")]
#[test_case("/queuedTimeoutInMinutes", json!(481), "queuedTimeoutInMinutes must be between 5 and 480"; "too long in the queue")]
#[test_case("/cache", json!({ "type": "LOCAL" }), "modes is a required field"; "local cache without modes")]
#[test_case("/secondarySources", json!([{ "type": "S3", "location": "b/k" }]), "sourceIdentifier must contain"; "source without a name")]
#[test_case("/tags", json!([{ "key": "aws:x", "value": "v" }]), "is no key of a tag"; "reserved tag")]
#[tokio::test]
async fn what_a_project_cannot_be_is_refused(member: &str, value: Value, message: &str) {
    let world = World::start().await;
    let mut project = a_project();
    world.ask("CreateProject", project.clone()).await.unwrap();
    world.ask("DeleteProject", json!({ "name": "app" })).await.unwrap();
    match project.pointer_mut(member) {
        Some(place) => *place = value,
        None => project[&member[1..]] = value,
    }
    let error = world.ask("CreateProject", project).await.unwrap_err();
    assert!(error.is("InvalidInputException") && error.message.contains(message), "{error}");
}

#[tokio::test]
async fn a_role_that_is_none_is_told_before_iam_is_asked_whether_it_may_be_passed() {
    let world = World::start().await;
    let mut project = a_project();
    project["serviceRole"] = "arn:aws:iam::0000:role/x".into();
    let error =
        world.hub.call_as(&crate::core::Caller::root(), "codebuild", "CreateProject", project).await.unwrap_err();
    assert!(error.is("InvalidInputException"), "{error}");
}

#[test_case("vpcConfig", json!({ "vpcId": "vpc-1" }); "network")]
#[test_case("badgeEnabled", json!(true); "badge")]
#[test_case("autoRetryLimit", json!(1); "retries")]
#[test_case("logsConfig", json!({ "s3Logs": { "status": "ENABLED", "location": "b/k" } }); "logs in a bucket")]
#[tokio::test]
async fn what_the_plane_does_not_run_is_refused_by_name(member: &str, value: Value) {
    let world = World::start().await;
    let mut project = a_project();
    project[member] = value;
    let error = world.ask("CreateProject", project).await.unwrap_err();
    assert!(error.is("NotImplemented"), "{error}");
    assert!(error.message.contains(member) || error.message.contains("s3Logs"), "{error}");
}

#[tokio::test]
async fn what_does_not_exist_is_told_in_codebuilds_words() {
    let world = World::start().await;
    let cases = [
        (
            "StartBuild",
            json!({ "projectName": "none" }),
            "ResourceNotFoundException",
            "Project cannot be found: arn:aws:codebuild:us-east-1:000000000000:project/none",
        ),
        (
            "ListBuildsForProject",
            json!({ "projectName": "none" }),
            "ResourceNotFoundException",
            "The provided project arn:aws:codebuild:us-east-1:000000000000:project/none does not exist",
        ),
        ("StopBuild", json!({ "id": "none:1" }), "ResourceNotFoundException", "Build none:1 does not exist"),
        ("StopBuild", json!({ "id": "none" }), "InvalidInputException", "Invalid build ID provided"),
        ("BatchGetBuilds", json!({ "ids": ["none"] }), "InvalidInputException", "Invalid build ID provided"),
        (
            "ListProjects",
            json!({ "nextToken": "x" }),
            "InvalidInputException",
            "Invalid input: nextToken is not one of this operation",
        ),
    ];
    for (operation, input, code, message) in cases {
        let error = world.ask(operation, input).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), (code, message), "{operation}");
    }
}

#[tokio::test]
async fn projects_are_listed_in_the_order_that_is_asked_for_and_in_pages() {
    let world = World::start().await;
    for number in (0..101).rev() {
        let mut project = a_project();
        project["name"] = json!(format!("p{number:03}"));
        world.ask("CreateProject", project).await.unwrap();
    }
    let first = world.ask("ListProjects", json!({ "sortOrder": "DESCENDING" })).await.unwrap();
    assert_eq!((&first["projects"][0], first["projects"].as_array().unwrap().len()), (&json!("p100"), 100));
    let input = json!({ "sortOrder": "DESCENDING", "nextToken": first["nextToken"] });
    assert_eq!(world.ask("ListProjects", input).await.unwrap()["projects"], json!(["p000"]));
    let by_time = world.ask("ListProjects", json!({ "sortBy": "CREATED_TIME" })).await.unwrap();
    assert_eq!(by_time["projects"][0], "p100");
}

#[tokio::test]
async fn a_build_acts_as_its_role() {
    let world = World::start().await;
    world.project(json!({})).await;
    let spec = "version: 0.2\nphases: {build: {commands: ['echo key=$AWS_ACCESS_KEY_ID']}}\n";
    let (_, log) = world.run_spec(spec).await;
    let key = log.lines().find_map(|line| line.strip_prefix("key=")).unwrap();
    let issued = world.hub.authority().unwrap().issued(key).unwrap();
    let arn = crate::core::Caller::from(issued.principal).arn("000000000000");
    assert!(arn.starts_with("arn:aws:sts::000000000000:assumed-role/build/AWSCodeBuild-"), "{arn}");
}

#[tokio::test]
async fn a_role_that_does_not_let_codebuild_in_fails_the_build_before_it_begins() {
    let world = World::start().await;
    world.project(json!({ "serviceRole": "arn:aws:iam::000000000000:role/none" })).await;
    let build = world.run(json!({})).await;
    let phases = build["phases"].as_array().unwrap();
    let failed = phases.iter().find(|phase| phase["phaseStatus"] == "FAILED").unwrap();
    assert_eq!(
        (&failed["phaseType"], &failed["contexts"][0]["statusCode"]),
        (&json!("PROVISIONING"), &json!("ACCESS_DENIED"))
    );
}

#[tokio::test]
async fn a_source_that_the_role_may_not_read_fails_the_build() {
    let world = World::start().await;
    world.store("source.zip", &[("buildspec.yml", "version: 0.2\nphases: {}\n")]).await;
    world.policy("no-objects", "Deny", "s3:GetObject").await;
    world.project(json!({ "source": { "type": "S3", "location": "artifacts/source.zip" } })).await;
    let build = world.run(json!({})).await;
    let failed = build["phases"].as_array().unwrap().iter().find(|phase| phase["phaseStatus"] == "FAILED").unwrap();
    assert_eq!(failed["phaseType"], "DOWNLOAD_SOURCE", "{build}");
}
