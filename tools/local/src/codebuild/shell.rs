//! The shell that a build's commands run in.
//!
//! One process leads the build's group from the first phase to the last, so that what a phase starts in the background
//! is still there for the next. Each block of commands (`commands`, `finally`) is one shell started by the leader; it
//! takes over directory, exported variables and functions from the block before. Commands of one block share
//! everything, as buildspec 0.2 says. Where a command begins and how a block ended is told by marked lines in the
//! output itself, which keeps them in order with what the commands print.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};

use crate::core::{Hub, ProcessGroup};

use super::interrupt::{Interrupt, Interruption};
use super::journal::Journal;

/// Runs each script that it is told on its input and marks its end. `$0` is the mark, the rest is the shell.
const LEADER: &str =
    r#"exec 2>&1; while IFS= read -r script; do "$@" "$script" </dev/null; printf '%s end %s\n' "$0" "$?"; done"#;

/// How a block of commands ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every command answered 0.
    Done,
    /// A command did not; those after it were not run.
    Failed {
        /// The command, if any had begun.
        command: Option<String>,
        /// Its exit status.
        status: i32,
    },
    /// From outside. Nothing of the build is running any more.
    Interrupted(Interruption),
}

/// What a shell is started with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the first command runs.
    pub directory: PathBuf,
    /// An existing, empty directory for the shell's own files.
    pub work: PathBuf,
    /// The whole environment.
    pub environment: BTreeMap<String, String>,
    /// Bash, or else `sh`, which on CodeBuild's Amazon Linux images is bash in POSIX mode.
    pub bash: bool,
    /// Variables whose values are asked for at the end.
    pub exported: Vec<String>,
}

/// A running shell.
pub struct Shell {
    process: ProcessGroup,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    mark: String,
    setup: Setup,
    blocks: usize,
}

impl Shell {
    /// Starts the leader.
    ///
    /// # Errors
    /// When bash cannot be started or the work directory cannot be written.
    pub async fn start(hub: &Arc<Hub>, setup: Setup) -> io::Result<Self> {
        let mark = format!("\u{1e}{}", hub.ids.hex(32));
        let directory = setup.directory.to_string_lossy();
        tokio::fs::write(setup.work.join("directory"), directory.as_bytes()).await?;
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-c", LEADER, &mark, "bash", "--noprofile", "--norc"]);
        if !setup.bash {
            command.arg("--posix");
        }
        command
            .current_dir(&setup.directory)
            .env_clear()
            .envs(&setup.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = hub.processes.spawn(&mut command)?;
        let lost = || io::Error::other("the shell has no pipes");
        let input = process.child.stdin.take().ok_or_else(lost)?;
        let output = BufReader::new(process.child.stdout.take().ok_or_else(lost)?);
        Ok(Self { process, input, output, mark, setup, blocks: 0 })
    }

    /// Runs a block of commands, printing to the journal.
    ///
    /// # Errors
    /// When the shell itself is gone: a command killed its own group.
    pub async fn run(
        &mut self,
        commands: &[String],
        succeeding: bool,
        journal: &Journal,
        interrupt: &mut Interrupt,
    ) -> io::Result<Ended> {
        if let Some(cause) = interrupt.now() {
            self.process.kill();
            return Ok(Ended::Interrupted(cause));
        }
        self.blocks += 1;
        let script = self.setup.work.join(format!("block{}.sh", self.blocks));
        tokio::fs::write(&script, self.script(commands, succeeding)).await?;
        journal.mark();
        self.input.write_all(format!("{}\n", script.display()).as_bytes()).await?;
        let mut current = None;
        loop {
            let mut line = Vec::new();
            tokio::select! {
                read = self.output.read_until(b'\n', &mut line) => if read? == 0 {
                    return Err(io::Error::other("the shell was killed by one of the commands"));
                },
                cause = interrupt.wait() => {
                    self.process.kill();
                    return Ok(Ended::Interrupted(cause));
                }
            }
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            let Some((before, told)) = line.split_once(&self.mark) else {
                journal.output(line);
                continue;
            };
            if !before.is_empty() {
                journal.output(before);
            }
            match told.trim_start().split_once(' ') {
                Some(("command", index)) => {
                    current = index.parse::<usize>().ok().and_then(|index| commands.get(index));
                    journal.mark();
                    journal.container(&format!("Running command {}", current.map_or("", |command| command.trim_end())));
                }
                Some(("end", "0")) => return Ok(Ended::Done),
                Some(("end", status)) => {
                    return Ok(Ended::Failed { command: current.cloned(), status: status.parse().unwrap_or(1) });
                }
                _ => journal.output(told),
            }
        }
    }

    /// The values of the exported variables after the last block.
    pub async fn exported(&self) -> Vec<(String, String)> {
        let Ok(saved) = tokio::fs::read(self.setup.work.join("exported")).await else { return Vec::new() };
        let saved = String::from_utf8_lossy(&saved).into_owned();
        let words: Vec<&str> = saved.split('\0').collect();
        words.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
    }

    /// Ends the shell and everything that the build left running.
    pub fn end(self) {
        self.process.kill();
    }

    fn script(&self, commands: &[String], succeeding: bool) -> String {
        let file = |name: &str| quoted(&self.setup.work.join(name).to_string_lossy());
        let (state, directory, exported) = (file("state"), file("directory"), file("exported"));
        let names = self.setup.exported.iter().filter(|name| is_identifier(name));
        let values: String =
            names.map(|name| format!("  printf '%s\\0%s\\0' {name} \"${{{name}-}}\" >> {exported}\n")).collect();
        let mut script = format!(
            "if [ -f {state} ]; then . {state}; fi\ncd \"$(cat {directory})\" || exit 1\n\
             __codebuild_save() {{\n  {{ export -p; declare -f; }} > {state}\n  pwd > {directory}\n  : > {exported}\n{values}}}\n\
             trap __codebuild_save EXIT\nexport CODEBUILD_BUILD_SUCCEEDING={}\n",
            u8::from(succeeding)
        );
        for (index, command) in commands.iter().enumerate() {
            script.push_str(&format!(
                "printf '%s command %s\\n' {} {index}\neval {}\n__codebuild_status=$?\n\
                 if [ \"$__codebuild_status\" != 0 ]; then exit \"$__codebuild_status\"; fi\n",
                quoted(&self.mark),
                quoted(command)
            ));
        }
        script
    }
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What `text` is when the shell has expanded it after the last block, as an artifact's name may ask for.
///
/// # Errors
/// When the shell says no.
pub async fn expand(hub: &Hub, setup: &Setup, text: &str) -> io::Result<String> {
    // A here-document expands as double quotes do, and a name of one line cannot end it.
    let state = quoted(&setup.work.join("state").to_string_lossy());
    let name = text.replace('\n', " ");
    let script =
        format!("if [ -f {state} ]; then . {state}; fi\ncat <<__CODEBUILD_NAME__\n{name}\n__CODEBUILD_NAME__\n");
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-c", &script]).current_dir(&setup.directory);
    command.env_clear().envs(&setup.environment);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = hub.processes.spawn(&mut command)?;
    let mut printed = String::new();
    if let Some(output) = process.child.stdout.take() {
        BufReader::new(output).read_line(&mut printed).await?;
    }
    if process.wait().await?.success() {
        return Ok(printed.trim_end().to_owned());
    }
    Err(io::Error::other(format!("{text} cannot be expanded")))
}
