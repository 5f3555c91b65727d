//! The shell that a build's commands run in.
//!
//! Buildspec 0.2 runs every command of a build in one instance of the shell: variables (exported or not), functions,
//! the directory and the shell's options live on from command to command and from phase to phase. So there is one
//! shell that sources command after command. A command that ends it (`exit`, or a failure under `set -e`) ends itself
//! only: a leader starts the shell again, which takes over what the one before has saved. Buildspec 0.1 runs every
//! command in a shell of its own.
//!
//! The leader leads the build's process group from the first phase to the last, so that what a phase starts in the
//! background is still there for the next. The end of a command is told by a marked line in the output itself, which
//! keeps it in order with what the commands print.

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

/// Starts the shell again whenever it has ended, until its input has. `$0` is the mark, `$1` the shell's driver and
/// the rest the shell.
const LEADER: &str = r#"exec 2>&1; driver=$1; shift
while [ ! -e "$driver.end" ]; do "$@" "$driver"; printf '%s end %s\n' "$0" "$?"; done"#;

/// The end of a block of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every command answered 0.
    Done,
    /// A command did not; those after it were not run.
    Failed {
        /// The text of the command that failed.
        command: String,
        /// Its exit status, which is not 0.
        status: i32,
    },
    /// The end came from outside. Nothing of the build is running any more.
    Interrupted(Interruption),
}

/// The settings with which a shell is started.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The directory in which the first command runs.
    pub directory: PathBuf,
    /// An existing, empty directory for the shell's own files.
    pub work: PathBuf,
    /// The complete environment of the shell.
    pub environment: BTreeMap<String, String>,
    /// Bash, or else `sh`, which on CodeBuild's Amazon Linux images is bash in POSIX mode.
    pub bash: bool,
    /// True if every command has a shell of its own, as buildspec 0.1 says.
    pub isolated: bool,
    /// Variables whose values are asked for at the end.
    pub exported: Vec<String>,
}

/// A running shell of one build, with its group of processes.
pub struct Shell {
    process: ProcessGroup,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    mark: String,
    setup: Setup,
}

impl Shell {
    /// Starts the leader.
    ///
    /// # Errors
    /// Fails if bash cannot be started or the work directory cannot be written.
    pub async fn start(hub: &Arc<Hub>, setup: Setup) -> io::Result<Self> {
        let mark = format!("\u{1e}{}", hub.ids.hex(32));
        let driver = setup.work.join("shell.sh");
        tokio::fs::write(&driver, setup.driver(&mark)).await?;
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-c", LEADER, &mark]).arg(&driver);
        command.args(["bash", "--noprofile", "--norc"]);
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
        Ok(Self { process, input, output, mark, setup })
    }

    /// Runs a block of commands one after the other until one fails, printing to the journal.
    ///
    /// # Errors
    /// Fails if the shell itself is gone: a command killed its own group.
    pub async fn run(
        &mut self,
        commands: &[String],
        succeeding: bool,
        journal: &Journal,
        interrupt: &mut Interrupt,
    ) -> io::Result<Ended> {
        for command in commands {
            if let Some(cause) = interrupt.now() {
                return Ok(self.interrupted(cause));
            }
            let shown = command.trim_end();
            journal.container(&format!("Running command {shown}"));
            let status = tokio::select! {
                status = self.run_one(command, succeeding, journal) => status?,
                cause = interrupt.wait() => return Ok(self.interrupted(cause)),
            };
            if status != 0 {
                journal.container(&format!("Command did not exit successfully {shown} exit status {status}"));
                return Ok(Ended::Failed { command: shown.to_owned(), status });
            }
        }
        Ok(Ended::Done)
    }

    fn interrupted(&self, cause: Interruption) -> Ended {
        self.process.kill();
        Ended::Interrupted(cause)
    }

    /// The exit status of a command.
    async fn run_one(&mut self, command: &str, succeeding: bool, journal: &Journal) -> io::Result<i32> {
        let script = self.setup.work.join("script.sh");
        let text = format!(
            "export CODEBUILD_BUILD_SUCCEEDING={}; case $__codebuild_options in *x*) set -x;; esac\n{command}\n",
            u8::from(succeeding)
        );
        tokio::fs::write(&script, text).await?;
        self.input.write_all(format!("{}\n", script.display()).as_bytes()).await?;
        loop {
            let mut line = Vec::new();
            if self.output.read_until(b'\n', &mut line).await? == 0 {
                return Err(io::Error::other("the shell was killed by one of the commands"));
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
            return Ok(told.rsplit(' ').next().and_then(|status| status.parse().ok()).unwrap_or(1));
        }
    }

    /// The values of the exported variables after the last command.
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
}

impl Setup {
    fn file(&self, name: &str) -> String {
        quoted(&self.work.join(name).to_string_lossy())
    }

    /// The program that the shell runs: it sources each script that it is told on its input.
    ///
    /// Descriptors of the shell's own are high, so that a command's `exec 3>&1` does not meet them. `set -x` is off
    /// while the shell does its own work. POSIX mode is off while the state is read back, for in it an assignment to
    /// one of bash's own constants would end the shell. The options come last, for `set -e` would end it at the first
    /// of those that cannot be set.
    fn driver(&self, mark: &str) -> String {
        let (state, exported, end) = (self.file("state"), self.file("exported"), self.file("shell.sh.end"));
        let names = self.exported.iter().filter(|name| is_identifier(name));
        let values: String = names.map(|name| format!(" printf '%s\\0%s\\0' {name} \"${{{name}-}}\";")).collect();
        let directory = quoted(&self.directory.to_string_lossy());
        let (restore, save, after) = if self.isolated {
            ("false".to_owned(), ":".to_owned(), "exit \"$__codebuild_status\"".to_owned())
        } else {
            let kept = "printf 'set +o posix\\n'; declare -p; declare -f; declare -xF; alias -p; \
                        printf 'umask %s\\ncd %q\\n' \"$(umask)\" \"$PWD\"; shopt -p; set +o";
            let told = format!("printf '%s end %s\\n' {} \"$__codebuild_status\" >&199", quoted(mark));
            (format!("[ -f {state} ]"), format!("{{ {kept}; }} >| {state}"), told)
        };
        format!(
            "exec 198<&0 </dev/null 199>&1\n\
             __codebuild_options=\n\
             if {restore}; then . {state} 2>/dev/null; else cd {directory} || exit 1; fi\n\
             __codebuild_save() {{ {save}; {{ :;{values} }} >| {exported}; }} 2>/dev/null\n\
             trap '{{ __codebuild_options=$-; set +x; }} 2>/dev/null; __codebuild_save' EXIT\n\
             while IFS= read -r __codebuild_script <&198; do\n\
             . \"$__codebuild_script\" 198<&- 199>&-\n\
             {{ __codebuild_status=$? __codebuild_options=$-; set +x; }} 2>/dev/null\n\
             __codebuild_save || :\n\
             {after}\n\
             done\n\
             : >| {end}\n"
        )
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

/// Expands `text` in the shell's state after the last command, as an artifact's name may ask for.
///
/// # Errors
/// Fails if the shell does.
pub async fn expand(hub: &Hub, setup: &Setup, text: &str) -> io::Result<String> {
    // A here-document expands as double quotes do, and a name of one line cannot end it.
    let state = setup.file("state");
    let name = text.replace('\n', " ");
    let script = format!(
        "if [ -f {state} ]; then . {state} 2>/dev/null; fi\ncat <<__CODEBUILD_NAME__\n{name}\n__CODEBUILD_NAME__\n"
    );
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
