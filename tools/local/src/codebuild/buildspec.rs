//! Buildspecs 0.1 and 0.2: what a build is to run, read from YAML with the line of every mistake.
//!
//! Reading is pure. A member that the plane cannot run is an error; one that is accepted without effect is a note for the log.

use slipway_shared::template::{Content, Entry, Node, parse};

/// A phase that has commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseName {
    /// The installation of tools and packages.
    Install,
    /// Preparations, such as a login to a registry.
    PreBuild,
    /// The build itself, such as compiling and testing.
    Build,
    /// Packaging: also runs when the build failed.
    PostBuild,
}

impl PhaseName {
    /// The phases in the order in which they run, with their keys.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Install, "install"),
        (Self::PreBuild, "pre_build"),
        (Self::Build, "build"),
        (Self::PostBuild, "post_build"),
    ];

    /// The API's name of it.
    pub const fn phase_type(self) -> &'static str {
        match self {
            Self::Install => "INSTALL",
            Self::PreBuild => "PRE_BUILD",
            Self::Build => "BUILD",
            Self::PostBuild => "POST_BUILD",
        }
    }

    /// True if the next step is still done after a failure of this one on which the buildspec is silent: a failed build is
    /// followed by post_build, and `UPLOAD_ARTIFACTS` is attempted after both; before them, nothing more is run.
    pub const fn continues_by_default(self) -> bool {
        matches!(self, Self::Build | Self::PostBuild)
    }
}

/// The commands of one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The phase to which the commands belong.
    pub name: PhaseName,
    /// The commands, run one after the other, until one fails.
    pub commands: Vec<String>,
    /// The commands run after them in any case.
    pub finally: Vec<String>,
    /// `on-failure`: whether the rest of the build is run after a failure of this one.
    pub continues: bool,
}

/// The files to take from the build directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artifacts {
    /// Globs relative to the base directory.
    pub files: Vec<String>,
    /// Globs of what is left out.
    pub exclude_paths: Vec<String>,
    /// A directory, or a glob of directories, in the source directory.
    pub base_directory: Option<String>,
    /// True if all files land in the root of the artifact.
    pub discard_paths: bool,
    /// The artifact's name in shell language, used when the project says so.
    pub name: Option<String>,
}

/// A whole buildspec of version 0.1 or 0.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buildspec {
    /// True if `env.shell` is bash. Otherwise it is `sh`.
    pub bash: bool,
    /// Version 0.1: every command has a shell of its own.
    pub isolated: bool,
    /// `env.variables`.
    pub variables: Vec<(String, String)>,
    /// `env.parameter-store`: variable and parameter.
    pub parameters: Vec<(String, String)>,
    /// `env.exported-variables`.
    pub exported: Vec<String>,
    /// The phases that it has, in order.
    pub phases: Vec<Phase>,
    /// The primary artifact, if the buildspec has `artifacts`.
    pub artifacts: Option<Artifacts>,
    /// Further artifacts by identifier.
    pub secondary_artifacts: Vec<(String, Artifacts)>,
    /// Globs of what is kept between builds.
    pub cache_paths: Vec<String>,
    /// Remarks on members that were accepted and have no effect here, for the build's log.
    pub notes: Vec<String>,
}

/// The reason for which a buildspec cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct BuildspecError {
    /// The line of the fault, counted from 1.
    pub line: usize,
    /// The fault in that line.
    pub message: String,
}

impl BuildspecError {
    /// The text as CodeBuild tells it: the line comes last, unless the message names it.
    pub fn told(&self) -> String {
        let Self { line, message } = self;
        if message.contains(" at line ") { message.clone() } else { format!("{message} at line {line}") }
    }
}

impl Buildspec {
    /// Reads a buildspec.
    ///
    /// # Errors
    /// The first thing that is not YAML, not a buildspec, or not run by the plane.
    pub fn read(text: &str) -> Result<Self, BuildspecError> {
        let root = parse(text).map_err(|error| BuildspecError { line: error.line, message: format!("{error}") })?;
        Reader { text, spec: Self::default() }.read(&root)
    }
}

struct Reader<'a> {
    text: &'a str,
    spec: Buildspec,
}

type Outcome<T> = Result<T, BuildspecError>;

fn wrong<T>(line: usize, message: impl Into<String>) -> Outcome<T> {
    Err(BuildspecError { line, message: message.into() })
}

fn unsupported<T>(entry: &Entry) -> Outcome<T> {
    wrong(entry.line, format!("`{}` is not supported by the local plane", entry.key))
}

impl Reader<'_> {
    fn read(mut self, root: &Node) -> Outcome<Buildspec> {
        match root.get("version").map(|node| self.scalar(node)).transpose()? {
            Some(version) if version == "0.2" => {}
            Some(version) if version == "0.1" => self.spec.isolated = true,
            Some(version) => return wrong(root.line, format!("version {version} is not run, only 0.1 and 0.2")),
            None => return wrong(root.line, "`version` is missing"),
        }
        if root.get("phases").is_none() {
            return wrong(root.line, "`phases` is missing");
        }
        for entry in root.entries() {
            match entry.key.as_str() {
                "version" => {}
                "env" => self.env(&entry.value)?,
                "phases" => self.phases(&entry.value)?,
                "artifacts" => self.all_artifacts(&entry.value)?,
                "cache" => self.cache(&entry.value)?,
                // This is for batch builds; a build that is none has no use for it on AWS either.
                "batch" => {}
                "run-as" => self.run_as(entry)?,
                "proxy" => self.proxy(entry)?,
                "reports" => return unsupported(entry),
                _ => self.note(entry, "not a part of a buildspec"),
            }
        }
        Ok(self.spec)
    }

    fn note(&mut self, entry: &Entry, why: &str) {
        self.spec.notes.push(format!("line {}: `{}` has no effect here: {why}", entry.line, entry.key));
    }

    /// The plane's builds run as whoever runs the plane, which stands for CodeBuild's root.
    fn run_as(&self, entry: &Entry) -> Outcome<()> {
        if self.scalar(&entry.value)? == "root" { Ok(()) } else { unsupported(entry) }
    }

    /// An explicit proxy server is not run; `no` is the default.
    fn proxy(&self, proxy: &Entry) -> Outcome<()> {
        for entry in proxy.value.entries() {
            if matches!(self.scalar(&entry.value)?.as_str(), "yes" | "true") {
                return unsupported(entry);
            }
        }
        Ok(())
    }

    fn env(&mut self, node: &Node) -> Outcome<()> {
        for entry in node.entries() {
            match entry.key.as_str() {
                "shell" => match self.scalar(&entry.value)?.as_str() {
                    "bash" | "/bin/bash" => self.spec.bash = true,
                    "sh" | "/bin/sh" => {}
                    other => return wrong(entry.line, format!("the shell {other} is not supported")),
                },
                "variables" => self.spec.variables = self.pairs(&entry.value)?,
                "parameter-store" => self.spec.parameters = self.pairs(&entry.value)?,
                "exported-variables" => self.spec.exported = self.scalars(&entry.value)?,
                "secrets-manager" if entry.value.entries().is_empty() => {}
                "secrets-manager" => return unsupported(entry),
                "git-credential-helper" => self.note(entry, "repositories of the plane need no credentials"),
                _ => self.note(entry, "not a part of `env`"),
            }
        }
        Ok(())
    }

    fn phases(&mut self, node: &Node) -> Outcome<()> {
        for entry in node.entries() {
            if !PhaseName::ALL.iter().any(|(_, key)| *key == entry.key) {
                return wrong(entry.line, format!("`{}` is no phase", entry.key));
            }
        }
        for (name, key) in PhaseName::ALL {
            if let Some(node) = node.get(key) {
                let phase = self.phase(name, node)?;
                self.spec.phases.push(phase);
            }
        }
        Ok(())
    }

    fn phase(&mut self, name: PhaseName, node: &Node) -> Outcome<Phase> {
        let mut phase =
            Phase { name, commands: Vec::new(), finally: Vec::new(), continues: name.continues_by_default() };
        for entry in node.entries() {
            match entry.key.as_str() {
                "commands" => phase.commands = self.commands("Commands", &entry.value)?,
                "finally" => phase.finally = self.commands("Finally", &entry.value)?,
                "on-failure" => match self.scalar(&entry.value)?.as_str() {
                    "ABORT" => phase.continues = false,
                    "CONTINUE" => phase.continues = true,
                    other => {
                        return wrong(entry.line, format!("on-failure: {other} is not run, only ABORT and CONTINUE"));
                    }
                },
                "runtime-versions" => {
                    for (runtime, version) in self.pairs(&entry.value)? {
                        let note =
                            format!("runtime-versions: {runtime} {version} was not switched to: builds use the host's");
                        self.spec.notes.push(note);
                    }
                }
                "run-as" => self.run_as(entry)?,
                "steps" => return unsupported(entry),
                _ => self.note(entry, "not a part of a phase"),
            }
        }
        Ok(phase)
    }

    fn all_artifacts(&mut self, node: &Node) -> Outcome<()> {
        if let Some(secondary) = node.get("secondary-artifacts") {
            for entry in secondary.entries() {
                let artifacts = self.artifacts(&entry.value, entry.line)?;
                self.spec.secondary_artifacts.push((entry.key.clone(), artifacts));
            }
        }
        // With only secondary artifacts there is no primary one.
        if node.get("files").is_some() || node.get("secondary-artifacts").is_none() {
            self.spec.artifacts = Some(self.artifacts(node, node.line)?);
        }
        Ok(())
    }

    fn artifacts(&mut self, node: &Node, line: usize) -> Outcome<Artifacts> {
        let mut artifacts = Artifacts::default();
        for entry in node.entries() {
            match entry.key.as_str() {
                "files" => artifacts.files = self.scalars(&entry.value)?,
                "exclude-paths" => artifacts.exclude_paths = self.scalars(&entry.value)?,
                "base-directory" => artifacts.base_directory = Some(self.scalar(&entry.value)?),
                "discard-paths" => {
                    artifacts.discard_paths = matches!(self.scalar(&entry.value)?.as_str(), "yes" | "true");
                }
                "name" => artifacts.name = Some(self.scalar(&entry.value)?),
                "secondary-artifacts" => {}
                "enable-symlinks" | "s3-prefix" => return unsupported(entry),
                _ => self.note(entry, "not a part of `artifacts`"),
            }
        }
        if artifacts.files.is_empty() {
            return wrong(line, "artifacts need `files`");
        }
        Ok(artifacts)
    }

    fn cache(&mut self, node: &Node) -> Outcome<()> {
        for entry in node.entries() {
            match entry.key.as_str() {
                "paths" => self.spec.cache_paths = self.scalars(&entry.value)?,
                _ => self.note(entry, "the cache is kept as it is between the builds of a project"),
            }
        }
        Ok(())
    }

    /// Commands. The text of the error for one that YAML reads as a map (an unquoted `: `) is CodeBuild's own.
    fn commands(&self, what: &str, node: &Node) -> Outcome<Vec<String>> {
        let Content::List(items) = &node.content else { return self.scalars(node) };
        let read = |(index, item): (usize, &Node)| {
            if matches!(item.content, Content::Map(_) | Content::List(_)) {
                let message = format!(
                    "Expected {what}[{index}] to be of string type: found subkeys instead at line {}, value of the key \
                     tag on line {} might be empty",
                    item.line,
                    item.line.saturating_sub(1)
                );
                return wrong(item.line, message);
            }
            self.scalar(item)
        };
        items.iter().enumerate().map(read).collect()
    }

    fn pairs(&self, node: &Node) -> Outcome<Vec<(String, String)>> {
        node.entries().iter().map(|entry| Ok((entry.key.clone(), self.scalar(&entry.value)?))).collect()
    }

    /// A list of texts; a single text counts as a list of one.
    fn scalars(&self, node: &Node) -> Outcome<Vec<String>> {
        match &node.content {
            Content::Null => Ok(Vec::new()),
            Content::List(items) => items.iter().map(|item| self.scalar(item)).collect(),
            _ => Ok(vec![self.scalar(node)?]),
        }
    }

    /// A scalar as it is written: `1.10` stays `1.10`.
    fn scalar(&self, node: &Node) -> Outcome<String> {
        match &node.content {
            Content::Text(text) => Ok(text.clone()),
            Content::Bool(_) | Content::Number(_) => Ok(self.written(node)),
            Content::Null => Ok(String::new()),
            Content::List(_) | Content::Map(_) => wrong(node.line, "a text is expected here"),
        }
    }

    fn written(&self, node: &Node) -> String {
        let line = self.text.lines().nth(node.line - 1).unwrap_or_default();
        let rest: String = line.chars().skip(node.column - 1).collect();
        let end = rest.find([' ', '\t', ',', ']', '}', '#']).unwrap_or(rest.len());
        rest[..end].to_owned()
    }
}

#[cfg(test)]
mod tests {
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
}
