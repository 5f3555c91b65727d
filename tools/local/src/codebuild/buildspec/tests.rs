//! Buildspecs that are read, and the lines of their mistakes.

use test_case::test_case;

use super::*;

#[test]
fn a_whole_buildspec_is_read() {
    let spec = Buildspec::read(
        "version: 0.2\nenv:\n  shell: bash\n  variables: {A: 1.10, B: 'x y', C: true}\n  parameter-store: {P: /p}\n  \
         exported-variables: [A]\nphases:\n  build:\n    on-failure: ABORT\n    commands:\n      - true\n      - |\n        \
         one\n        two\n    finally: [echo done]\n  install:\n    runtime-versions: {python: 3.12}\nartifacts:\n  \
         files: '**/*'\n  base-directory: out\n  discard-paths: yes\ncache:\n  paths: ['target/**/*']\n",
    )
    .unwrap();
    assert!(spec.bash);
    let variables: Vec<(&str, &str)> = spec.variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(variables, [("A", "1.10"), ("B", "x y"), ("C", "true")]);
    assert_eq!(spec.phases.iter().map(|p| p.name).collect::<Vec<_>>(), [PhaseName::Install, PhaseName::Build]);
    assert_eq!(spec.phases[1].commands, ["true", "one\ntwo\n"]);
    assert!(!spec.phases[1].continues);
    assert_eq!(
        spec.artifacts.unwrap(),
        Artifacts {
            files: vec!["**/*".to_owned()],
            base_directory: Some("out".to_owned()),
            discard_paths: true,
            ..Artifacts::default()
        }
    );
    assert_eq!(spec.cache_paths, ["target/**/*"]);
    assert_eq!(spec.notes.len(), 1);
    assert!(spec.notes[0].contains("python 3.12 was not switched to"));
}

#[test_case("phases: {}\n", 1, "`version` is missing"; "no version")]
#[test_case("version: 0.3\nphases: {}\n", 1, "version 0.3 is not run"; "old version")]
#[test_case("version: 0.2\n", 1, "`phases` is missing"; "no phases")]
#[test_case("version: 0.2\nphases:\n  deploy:\n    commands: [x]\n", 3, "`deploy` is no phase"; "unknown phase")]
#[test_case("version: 0.2\nrun-as: me\nphases: {}\n", 2, "`run-as` is not supported"; "another user")]
#[test_case("version: 0.2\nproxy: {upload-artifacts: yes}\nphases: {}\n", 2, "`upload-artifacts` is not supported"; "proxy")]
#[test_case("version: 0.2\nreports: {r: {files: x}}\nphases: {}\n", 2, "`reports` is not supported"; "reports")]
#[test_case("version: 0.2\nenv: {shell: powershell.exe}\nphases: {}\n", 2, "the shell powershell.exe is not supported"; "another shell")]
#[test_case("version: 0.2\nphases:\n  build:\n    on-failure: RETRY-2\n", 4, "RETRY-2 is not run"; "retries")]
#[test_case("version: 0.2\nenv:\n  secrets-manager: {A: b}\nphases: {}\n", 3, "`secrets-manager`"; "secrets")]
#[test_case("version: 0.2\nphases:\n  build:\n    commands:\n      - a: b\n", 5, "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty"; "colon in command")]
#[test_case("version: 0.2\nphases: {}\nartifacts:\n  name: x\n", 4, "artifacts need `files`"; "no files")]
#[test_case("version: 0.2\nphases: [\n", 3, ""; "not yaml")]
fn a_mistake_is_named_with_its_line(text: &str, line: usize, message: &str) {
    let error = Buildspec::read(text).unwrap_err();
    assert!(error.message.contains(message), "{error}");
    assert_eq!(error.line, line, "{error}");
}
