//! One execution environment: a `bootstrap` process, its Runtime API, its output and its own temporary directory.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use nix::sys::signal::Signal;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::Instant;

use super::credentials::Credentials;
use super::extensions::{Extensions, Facts};
use super::failure::Failure;
use super::invocation::Invocation;
use super::logging::Log;
use super::output::Output;
use super::program::Program;
use super::report;
use super::runtime_api::{Job, RuntimeApi, RuntimeEvent};
use super::variables::{Place, variables};
use crate::core::{Hub, ProcessGroup};

/// The most tries of a start while another process still has the new file open for writing.
const BUSY_RETRIES: u32 = 100;

/// The end of one invocation in an environment.
#[derive(Debug)]
pub(super) enum Ended {
    Answered(Bytes),
    Failed(Failure),
    /// The process had gone before it took the invocation: another environment can.
    NotTaken,
}

/// A running environment. Dropping it kills its processes.
#[derive(Debug)]
pub(in crate::lambda_service) struct Environment {
    process: ProcessGroup,
    api: RuntimeApi,
    output: Output,
    /// Stands in for `/tmp`; removed with the environment.
    _scratch: TempDir,
    stream: String,
    /// The time that initialization took, until the first invocation has reported it.
    init: Option<Duration>,
    memory_peak: u64,
}

impl Environment {
    /// Starts the process. It is not initialized yet.
    pub(super) async fn launch(
        hub: &Hub,
        program: &Program,
        stream: &str,
        credentials: &Credentials,
    ) -> Result<Self, LaunchError> {
        let bootstrap = program.code.directory.join("bootstrap");
        if !bootstrap.is_file() {
            return Err(LaunchError::Entrypoint(
                "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned(),
            ));
        }
        let facts = Facts {
            function: program.function.clone(),
            version: program.version.clone(),
            handler: program.settings.handler.clone(),
        };
        let api = RuntimeApi::listen(Extensions::new(facts, hub.ids.clone())).await?;
        let root = hub.data_dir.join("lambda").join("tmp");
        std::fs::create_dir_all(&root)?;
        let scratch = TempDir::new_in(&root)?;
        let place = Place { api: api.address, stream, scratch: scratch.path(), credentials };
        let (output, writer) = Output::new()?;
        let mut command = Command::new(&bootstrap);
        command
            .env_clear()
            .envs(variables(hub, program, &place))
            .current_dir(&program.code.directory)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let process = spawn(hub, &mut command).await?;
        Ok(Self { process, api, output, _scratch: scratch, stream: stream.to_owned(), init: None, memory_peak: 0 })
    }

    /// Waits until the runtime asks for its first invocation.
    pub(super) async fn initialize(&mut self, log: &mut Log<'_>, limit: Duration) -> Result<(), Failure> {
        let begun = Instant::now();
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = self.api.events.recv() => match event {
                    RuntimeEvent::Polled => break Ok(()),
                    RuntimeEvent::InitFailed(failure) => break Err(Failure::Reported(failure)),
                    _ => {}
                },
                () = self.output.readable() => log.write(self.output.take_lines()),
                status = self.process.wait() => break Err(Failure::Exited(status.unwrap_or_default())),
                () = tokio::time::sleep_until(begun + limit) => break Err(Failure::TimedOut(limit)),
            }
        };
        log.write(if outcome.is_ok() { self.output.take_lines() } else { self.output.take_all() });
        self.init = Some(begun.elapsed());
        outcome
    }

    /// Runs one invocation that must end by `deadline`.
    pub(super) async fn invoke(&mut self, invocation: &Invocation, run: Run<'_>, log: &mut Log<'_>) -> Ended {
        // Lines that the process wrote since its last invocation come before this one's START.
        log.write(self.output.take_lines());
        let _ = self.api.jobs.try_send(job(invocation, run.deadline, run.trace_id));
        let mut taken = false;
        let ended = loop {
            tokio::select! {
                biased;
                Some(event) = self.api.events.recv() => match event {
                    RuntimeEvent::Delivered => {
                        taken = true;
                        run.write_start(invocation, log);
                    }
                    RuntimeEvent::Response(body) => break Ended::Answered(body),
                    RuntimeEvent::Failed(failure) => break Ended::Failed(Failure::Reported(failure)),
                    RuntimeEvent::ResponseTooLarge => break Ended::Failed(Failure::ResponseTooLarge),
                    RuntimeEvent::Polled | RuntimeEvent::InitFailed(_) => {}
                },
                () = self.output.readable() => log.write(self.output.take_lines()),
                status = self.process.wait() => {
                    if !taken {
                        return Ended::NotTaken;
                    }
                    break Ended::Failed(Failure::Exited(status.unwrap_or_default()));
                }
                () = tokio::time::sleep_until(run.deadline) => {
                    if !taken {
                        run.write_start(invocation, log);
                    }
                    break Ended::Failed(Failure::TimedOut(run.program.timeout()));
                }
            }
        };
        self.measure();
        if matches!(&ended, Ended::Failed(failure) if !failure.leaves_environment()) {
            self.process.kill();
        }
        log.write(self.output.take_all());
        ended
    }

    /// True if the process is still there.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.process.child.try_wait(), Ok(None))
    }

    /// The status of a process that has ended.
    pub(super) async fn exit_status(&mut self) -> ExitStatus {
        self.process.wait().await.unwrap_or_default()
    }

    pub(super) fn stream(&self) -> &str {
        &self.stream
    }

    /// The time that initialization took, told once.
    pub(super) fn take_init(&mut self) -> Option<Duration> {
        self.init.take()
    }

    /// Megabytes of resident memory at the peak of the process that Lambda started.
    pub(super) fn memory_used(&self) -> u64 {
        self.memory_peak
    }

    fn measure(&mut self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let kilobytes: u64 = peak.trim().trim_end_matches("kB").trim().parse().unwrap_or_default();
        self.memory_peak = self.memory_peak.max(kilobytes.div_ceil(1024));
    }

    /// Ends the processes and hands out what they wrote last. Only one with an extension is told before.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown>
    pub(super) async fn end(mut self, grace: Duration) -> Vec<String> {
        if self.api.extensions.are_registered() {
            self.process.signal(Signal::SIGTERM);
            // Its work in that time makes no difference: it is over then.
            let _ = tokio::time::timeout(grace, self.process.wait()).await;
        }
        self.process.kill();
        let _ = self.process.wait().await;
        self.output.take_all()
    }
}

/// The limits and identity of one invocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    pub(super) program: &'a Program,
    pub(super) deadline: Instant,
    pub(super) trace_id: &'a str,
    /// True if `START` was written before, because initialization ran as part of the invocation.
    pub(super) started: bool,
}

impl Run<'_> {
    /// Writes `START`, if it is not there yet.
    pub(super) fn write_start(&self, invocation: &Invocation, log: &mut Log<'_>) {
        if !self.started {
            let now = log.now();
            log.write(report::start(
                &self.program.settings.logging,
                &invocation.request_id,
                &self.program.version,
                now,
            ));
        }
    }
}

/// The reason why a process was not started.
#[derive(Debug)]
pub(super) enum LaunchError {
    /// The package has nothing that the machine can start.
    Entrypoint(String),
    /// The machine refused what every environment needs.
    Machine(io::Error),
}

impl From<io::Error> for LaunchError {
    fn from(error: io::Error) -> Self {
        Self::Machine(error)
    }
}

async fn spawn(hub: &Hub, command: &mut Command) -> Result<ProcessGroup, LaunchError> {
    for _ in 0..BUSY_RETRIES {
        match hub.processes.spawn(command) {
            // A process that was forked while the package was being unpacked holds the file for a moment.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(process) => return Ok(process),
            Err(error) => {
                // The numbers of ENOENT, EACCES and ENOEXEC, which are the package's fault.
                return Err(match error.raw_os_error() {
                    Some(2) => {
                        LaunchError::Entrypoint("fork/exec /var/task/bootstrap: no such file or directory".to_owned())
                    }
                    Some(13) => LaunchError::Entrypoint("fork/exec /var/task/bootstrap: permission denied".to_owned()),
                    Some(8) => LaunchError::Entrypoint("fork/exec /var/task/bootstrap: exec format error".to_owned()),
                    _ => LaunchError::Machine(error),
                });
            }
        }
    }
    Err(LaunchError::Entrypoint("fork/exec /var/task/bootstrap: text file busy".to_owned()))
}

fn job(invocation: &Invocation, deadline: Instant, trace_id: &str) -> Job {
    let wall = SystemTime::now() + deadline.saturating_duration_since(Instant::now());
    Job {
        request_id: invocation.request_id.clone(),
        deadline_ms: wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis(),
        function_arn: invocation.function_arn.clone(),
        trace_id: trace_id.to_owned(),
        client_context: invocation.client_context.clone(),
        payload: invocation.payload.clone(),
    }
}
