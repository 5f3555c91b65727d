//! The members of a buildspec, each read into its place, noted as without effect, or refused with its line.

use slipway_shared::template::{Content, Entry, Node};

use super::{Artifacts, Buildspec, BuildspecError, Phase, PhaseName};

/// A buildspec while it is read.
pub(super) struct Reader<'a> {
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

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, spec: Buildspec::default() }
    }
}

impl Reader<'_> {
    pub(super) fn read(mut self, root: &Node) -> Outcome<Buildspec> {
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
