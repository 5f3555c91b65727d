//! Running a build from `QUEUED` to `COMPLETED`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use crate::core::Hub;
use crate::logs;

use super::build::Build;
use super::buildspec::{Buildspec, Phase, PhaseName};
use super::environment::environment;
use super::glob::Globs;
use super::interrupt::{Interrupt, Interruption};
use super::journal::{Journal, Place};
use super::record::{Context, Status};
use super::role;
use super::shell::{Ended, Setup, Shell};
use super::sources::{client_error, fetch, source_directory};
use super::upload::upload;

/// The end of a phase that did not end well.
type Failure = (Status, Context);

/// Runs `build` when its turn among the builds of its project has come. They share a directory, so one runs at a time.
pub async fn run(hub: Arc<Hub>, build: Arc<Build>, turns: Arc<Mutex<()>>) {
    build.tell_status(&hub).await;
    build.tell_phase(&hub).await;
    match turn(&build, turns).await {
        Ok(turn) => {
            build.end(&hub, Status::Succeeded, Context::default()).await;
            Runner { hub: Arc::clone(&hub), build: Arc::clone(&build) }.run().await;
            drop(turn);
        }
        Err((status, context)) => build.end(&hub, status, context).await,
    }
    build.state().record.complete(hub.now());
    build.tell_status(&hub).await;
}

async fn turn(build: &Build, turns: Arc<Mutex<()>>) -> Result<OwnedMutexGuard<()>, Failure> {
    let mut interrupt = interrupt(build, build.plan.queued_timeout_minutes);
    tokio::select! {
        turn = turns.lock_owned() => Ok(turn),
        cause = interrupt.wait() => Err(interrupted(cause)),
    }
}

fn interrupt(build: &Build, minutes: u64) -> Interrupt {
    Interrupt::new(build.stop.subscribe(), Instant::now() + Duration::from_secs(60 * minutes))
}

fn interrupted(cause: Interruption) -> Failure {
    match cause {
        Interruption::Stopped => (Status::Stopped, Context::default()),
        Interruption::TimedOut => {
            let message = "Build has timed out.".to_owned();
            (Status::TimedOut, Context { code: "BUILD_TIMED_OUT".to_owned(), message })
        }
    }
}

fn fault(what: &str, error: &impl std::fmt::Display) -> Failure {
    let message = format!("{what}: {error}");
    (Status::Fault, Context { code: "INTERNAL_SERVICE_ERROR".to_owned(), message })
}

struct Runner {
    hub: Arc<Hub>,
    build: Arc<Build>,
}

/// The state of a build once its source is there.
struct Prepared {
    spec: Buildspec,
    setup: Setup,
}

impl Runner {
    /// The project's directory: source, logs and the shells' own files.
    fn directory(&self) -> PathBuf {
        self.hub.data_dir.join("codebuild").join(&self.build.plan.project)
    }

    fn work(&self) -> PathBuf {
        self.directory().join("work").join(self.build.uuid())
    }

    async fn run(self) {
        let mut interrupt = interrupt(&self.build, self.build.plan.timeout_minutes);
        self.build.begin(&self.hub, "PROVISIONING");
        let journal = match self.provision().await {
            Ok(journal) => journal,
            Err((status, context)) => return self.build.end(&self.hub, status, context).await,
        };
        self.build.end(&self.hub, Status::Succeeded, Context::default()).await;
        self.run_phases(&journal, &mut interrupt).await;
        self.begin("FINALIZING", &journal);
        // Only the shells' own files; a log that is gone with them would help nobody.
        let cleaned = tokio::fs::remove_dir_all(self.work()).await.map_err(|error| fault("cleaning up", &error));
        self.end("FINALIZING", cleaned, &journal).await;
        journal.close().await;
    }

    async fn provision(&self) -> Result<Journal, Failure> {
        let broken = |error: std::io::Error| fault("the project's directory", &error);
        let failed = |context: Context| (Status::Failed, context);
        let caller = role::assume(&self.hub, &self.build).await.map_err(failed)?;
        let caller = self.build.role.get_or_init(|| caller).clone();
        tokio::fs::create_dir_all(self.work()).await.map_err(broken)?;
        let place = Place {
            serviced: self.build.plan.logs.enabled,
            group: self.build.plan.logs.group.clone(),
            stream: self.build.log_stream(),
            file: self.directory().join("logs").join(format!("{}.log", self.build.uuid())),
        };
        let (group, stream) = (place.group.clone(), place.stream.clone());
        let denial = match place.serviced {
            true => logs::may_append(&self.hub, &caller, &group, &stream).await.err(),
            false => None,
        };
        let journal = Journal::open(&self.hub, place).await.map_err(broken)?;
        if let Some(denial) = denial {
            journal.container(&role::no_log(&self.hub, &self.build, &denial));
        }
        Ok(journal)
    }

    async fn run_phases(&self, journal: &Journal, interrupt: &mut Interrupt) {
        self.begin("DOWNLOAD_SOURCE", journal);
        let prepared = self.prepare(journal).await;
        let (prepared, ended) = match prepared {
            Ok(prepared) => (Some(prepared), Ok(())),
            Err(failure) => (None, Err(failure)),
        };
        self.end("DOWNLOAD_SOURCE", ended, journal).await;
        let Some(prepared) = prepared else { return };
        let mut shell = match Shell::start(&self.hub, prepared.setup.clone()).await {
            Ok(shell) => shell,
            Err(error) => return self.fail_to_start(&fault("bash", &error), journal).await,
        };
        let whole = self.run_commands(&prepared.spec, &mut shell, journal, interrupt).await;
        self.build.state().exported = shell.exported().await;
        shell.end();
        if !whole {
            return;
        }
        self.begin("UPLOAD_ARTIFACTS", journal);
        let uploaded = match interrupt.now() {
            Some(cause) => Err(interrupted(cause)),
            None => upload(&self.hub, &self.build, &prepared.spec, &prepared.setup, journal)
                .await
                .map_err(|context| (Status::Failed, context)),
        };
        self.end("UPLOAD_ARTIFACTS", uploaded, journal).await;
    }

    async fn fail_to_start(&self, failure: &Failure, journal: &Journal) {
        self.begin("INSTALL", journal);
        self.end("INSTALL", Err(failure.clone()), journal).await;
    }

    /// Fetches and unpacks the source, reads the buildspec and puts the environment together.
    async fn prepare(&self, journal: &Journal) -> Result<Prepared, Failure> {
        let failed = |context: Context| (Status::Failed, context);
        let sources = fetch(&self.hub, &self.build).await.map_err(failed)?;
        let directory = source_directory(&self.directory(), None);
        let given = self.build.plan.buildspec.as_deref();
        let spec = sources.buildspec(&self.hub, &self.build, given, &directory).await.map_err(failed)?;
        for note in &spec.notes {
            journal.container(&format!("Note: {note}"));
        }
        let cached = if self.build.plan.caches { spec.cache_paths.as_slice() } else { &[] };
        let kept = Globs::new(cached.iter().map(String::as_str))
            .map_err(|glob| failed(client_error(format!("cache.paths: {glob} cannot be read as a pattern"))))?;
        for line in sources.check_out(&self.directory(), kept).await.map_err(failed)? {
            journal.container(&line);
        }
        journal.container(&format!("CODEBUILD_SRC_DIR={}", directory.display()));
        let environment = environment(&self.hub, &self.build, &spec, &directory).await;
        let mut environment = environment.map_err(|error| failed(client_error(error.to_string())))?;
        for (identifier, _) in &self.build.plan.secondary_sources {
            let place = source_directory(&self.directory(), Some(identifier));
            environment.insert(format!("CODEBUILD_SRC_DIR_{identifier}"), place.to_string_lossy().into_owned());
        }
        let (bash, isolated, exported) = (spec.bash, spec.isolated, spec.exported.clone());
        let setup = Setup { directory, work: self.work(), environment, bash, isolated, exported };
        Ok(Prepared { spec, setup })
    }

    /// Runs the four phases. False when what comes after them is not to be done.
    async fn run_commands(
        &self,
        spec: &Buildspec,
        shell: &mut Shell,
        journal: &Journal,
        interrupt: &mut Interrupt,
    ) -> bool {
        for (name, _) in PhaseName::ALL {
            self.begin(name.phase_type(), journal);
            let Some(phase) = spec.phases.iter().find(|phase| phase.name == name) else {
                self.end(name.phase_type(), Ok(()), journal).await;
                continue;
            };
            let ended = self.run_phase(phase, shell, journal, interrupt).await;
            let proceeds = match &ended {
                Ok(()) => true,
                Err((Status::Failed, _)) => phase.continues,
                Err(_) => false,
            };
            self.end(name.phase_type(), ended, journal).await;
            if !proceeds {
                return false;
            }
        }
        true
    }

    async fn run_phase(
        &self,
        phase: &Phase,
        shell: &mut Shell,
        journal: &Journal,
        interrupt: &mut Interrupt,
    ) -> Result<(), Failure> {
        let succeeding = self.build.state().record.is_succeeding();
        let commands = run_block(&phase.commands, succeeding, shell, journal, interrupt).await;
        if matches!(&commands, Err((status, _)) if *status != Status::Failed) {
            return commands;
        }
        let succeeding = succeeding && commands.is_ok();
        let finally = run_block(&phase.finally, succeeding, shell, journal, interrupt).await;
        commands.and(finally)
    }

    fn begin(&self, phase_type: &'static str, journal: &Journal) {
        self.build.begin(&self.hub, phase_type);
        journal.container(&format!("Entering phase {phase_type}"));
    }

    async fn end(&self, phase_type: &str, ended: Result<(), Failure>, journal: &Journal) {
        let (status, context) = ended.err().unwrap_or((Status::Succeeded, Context::default()));
        journal.container(&format!("Phase complete: {phase_type} State: {}", status.name()));
        let first = context.message.lines().next().unwrap_or_default();
        journal.container(&format!("Phase context status code: {} Message: {first}", context.code));
        self.build.end(&self.hub, status, context).await;
    }
}

async fn run_block(
    commands: &[String],
    succeeding: bool,
    shell: &mut Shell,
    journal: &Journal,
    interrupt: &mut Interrupt,
) -> Result<(), Failure> {
    if commands.is_empty() {
        return Ok(());
    }
    match shell.run(commands, succeeding, journal, interrupt).await {
        Ok(Ended::Done) => Ok(()),
        Ok(Ended::Failed { command, status }) => {
            let reason = format!("Error while executing command: {command}. Reason: exit status {status}");
            Err((Status::Failed, command_error(reason)))
        }
        Ok(Ended::Interrupted(cause)) => Err(interrupted(cause)),
        Err(error) => Err((Status::Failed, command_error(error.to_string()))),
    }
}

fn command_error(message: String) -> Context {
    Context { code: "COMMAND_EXECUTION_ERROR".to_owned(), message }
}
