//! Phases, commands and variables of builds.

use test_case::test_case;

use super::*;

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
