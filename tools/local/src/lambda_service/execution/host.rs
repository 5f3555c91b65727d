//! Running invocations: a warm environment where one waits, otherwise a new one.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use super::super::credentials::RoleCredentials;
use super::environment::{Ended, Environment, LaunchError, Run};
use super::failure::Failure;
use super::invocation::{Completed, Invocation};
use super::logging::{Log, LogPlace, LogSink};
use super::report::{self, Report};
use super::runnable::Runnable;
use crate::core::{Caller, Hub, ServiceError};

/// The limits of environments, in real time.
#[derive(Clone, Debug)]
pub(in crate::lambda_service) struct Limits {
    /// The time for initialization on its own; a second try runs within the function's timeout.
    pub(in crate::lambda_service) init: Duration,
    /// The time for which an environment is kept idle.
    pub(in crate::lambda_service) idle: Duration,
    /// The time between SIGTERM and SIGKILL, for an environment with an extension.
    pub(in crate::lambda_service) grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { init: Duration::from_secs(10), idle: Duration::from_secs(300), grace: Duration::from_millis(500) }
    }
}

/// Runs versions on this machine.
#[derive(Debug)]
pub(in crate::lambda_service) struct Host {
    hub: Arc<Hub>,
    limits: Limits,
    logs: LogSink,
    credentials: Arc<RoleCredentials>,
    /// Every version that may have idle environments.
    known: Mutex<Vec<Weak<Runnable>>>,
}

impl Host {
    /// A host, and the task that ends environments that nobody uses.
    pub(in crate::lambda_service) fn start(hub: &Arc<Hub>, limits: Limits) -> Arc<Self> {
        let sweep = limits.idle / 4;
        let credentials = Arc::new(RoleCredentials::default());
        let host = Arc::new(Self {
            hub: Arc::clone(hub),
            limits,
            logs: LogSink::start(hub, &credentials),
            credentials,
            known: Mutex::default(),
        });
        let weak = Arc::downgrade(&host);
        tokio::spawn(async move {
            while let Some(host) = weak.upgrade() {
                for runnable in host.runnables() {
                    host.end(runnable.pool.expired(host.limits.idle), &runnable).await;
                }
                drop(host);
                tokio::time::sleep(sweep).await;
            }
        });
        host
    }

    /// Makes a version known, so that its environments end with the plane.
    pub(in crate::lambda_service) fn adopt(&self, runnable: Runnable) -> Arc<Runnable> {
        let runnable = Arc::new(runnable);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|other| other.strong_count() > 0);
        known.push(Arc::downgrade(&runnable));
        runnable
    }

    /// Ends a version's environments; those that are busy end with their invocation.
    pub(in crate::lambda_service) fn retire(self: &Arc<Self>, runnable: &Arc<Runnable>) {
        let idle = runnable.pool.close();
        if !idle.is_empty() {
            let (host, runnable) = (Arc::clone(self), Arc::clone(runnable));
            tokio::spawn(async move { host.end(idle, &runnable).await });
        }
    }

    /// Ends every environment that is not busy.
    pub(in crate::lambda_service) async fn shut_down(&self) {
        let runnables = self.runnables();
        futures::future::join_all(runnables.iter().map(|runnable| self.end(runnable.pool.close(), runnable))).await;
    }

    fn runnables(&self) -> Vec<Arc<Runnable>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
    }

    async fn end(&self, environments: Vec<Environment>, runnable: &Runnable) {
        futures::future::join_all(environments.into_iter().map(|environment| self.ending(environment, runnable))).await;
    }

    /// Ends an environment; what it writes at its end is in its log, too.
    fn ending(&self, environment: Environment, runnable: &Runnable) -> impl Future<Output = ()> + use<> {
        let (hub, logs, grace) = (Arc::clone(&self.hub), self.logs.clone(), self.limits.grace);
        let place = LogPlace::of(&runnable.program);
        async move {
            let mut log = Log::new(&hub, &logs, place, environment.stream(), false);
            let lines = environment.end(grace).await;
            log.write(lines);
        }
    }

    /// The caller that a version is to other services: a session of its role.
    ///
    /// # Errors
    /// Fails if STS refuses the role.
    pub(in crate::lambda_service) async fn act_as(&self, runnable: &Runnable) -> Result<Caller, ServiceError> {
        let assumed =
            self.credentials.of(&self.hub, &runnable.program.settings.role, &runnable.program.function).await?;
        Ok(assumed.caller)
    }

    /// Runs one invocation to its end, whatever that is.
    ///
    /// # Errors
    /// Fails if the machine cannot run an environment at all: no file descriptors, no disk.
    pub(in crate::lambda_service) async fn run(
        &self,
        runnable: &Arc<Runnable>,
        invocation: &Invocation,
    ) -> Result<Completed, ServiceError> {
        let trace_id = self.trace_id();
        while let Some(mut environment) = runnable.pool.take() {
            if !environment.is_alive() {
                continue;
            }
            let mut log = self.log(runnable, environment.stream(), invocation);
            let begun = Instant::now();
            let run = Run {
                program: &runnable.program,
                deadline: begun + runnable.program.timeout(),
                trace_id: &trace_id,
                started: false,
            };
            match environment.invoke(invocation, run, &mut log).await {
                Ended::NotTaken => {}
                ended => return Ok(self.finish(runnable, environment, invocation, ended, begun, log)),
            }
        }
        self.run_cold(runnable, invocation, &trace_id).await
    }

    async fn run_cold(
        &self,
        runnable: &Arc<Runnable>,
        invocation: &Invocation,
        trace_id: &str,
    ) -> Result<Completed, ServiceError> {
        let settings = &runnable.program.settings;
        let stream = self.new_stream(&runnable.program.version);
        let mut log = self.log(runnable, &stream, invocation);
        let now = log.now();
        log.write(report::init_start(&settings.logging, &settings.runtime, &runnable.program.version, now));
        let mut begun = Instant::now();
        let (mut environment, started) = match self.initialized(runnable, &mut log, self.limits.init).await? {
            Ok(environment) => (environment, false),
            Err(first) => {
                let now = log.now();
                log.write([report::init_report(&settings.logging, begun.elapsed(), &first, now)]);
                log.write(report::start(&settings.logging, &invocation.request_id, &runnable.program.version, now));
                // Lambda tries the initialization again as part of the invocation, within its timeout.
                begun = Instant::now();
                match self.initialized(runnable, &mut log, runnable.program.timeout()).await? {
                    Ok(mut environment) => {
                        environment.take_init();
                        (environment, true)
                    }
                    Err(second) => return Ok(self.never_started(runnable, invocation, &second, begun, log)),
                }
            }
        };
        if !started {
            begun = Instant::now();
        }
        let run = Run { program: &runnable.program, deadline: begun + runnable.program.timeout(), trace_id, started };
        let ended = match environment.invoke(invocation, run, &mut log).await {
            // It asked for work and went before it got any: to the caller that is a crash.
            Ended::NotTaken => {
                run.write_start(invocation, &mut log);
                Ended::Failed(Failure::Exited(environment.exit_status().await))
            }
            ended => ended,
        };
        Ok(self.finish(runnable, environment, invocation, ended, begun, log))
    }

    /// A started environment that asks for work, or the reason why there is none.
    async fn initialized(
        &self,
        runnable: &Runnable,
        log: &mut Log<'_>,
        limit: Duration,
    ) -> Result<Result<Environment, Failure>, ServiceError> {
        let assumed =
            self.credentials.of(&self.hub, &runnable.program.settings.role, &runnable.program.function).await?;
        let stream = log.stream().to_owned();
        match Environment::launch(&self.hub, &runnable.program, &stream, &assumed.credentials).await {
            Ok(mut environment) => Ok(environment.initialize(log, limit).await.map(|()| environment)),
            Err(LaunchError::Entrypoint(why)) => Ok(Err(Failure::Entrypoint(why))),
            Err(LaunchError::Machine(error)) => {
                Err(ServiceError::new("ServiceException", format!("cannot start an execution environment: {error}"))
                    .with_status(500))
            }
        }
    }

    /// Writes the end of the log and keeps the environment for the next invocation, if it can go on.
    fn finish(
        &self,
        runnable: &Arc<Runnable>,
        mut environment: Environment,
        invocation: &Invocation,
        ended: Ended,
        begun: Instant,
        mut log: Log<'_>,
    ) -> Completed {
        let duration = begun.elapsed();
        let (payload, failure) = match ended {
            Ended::Answered(body) => (body, None),
            Ended::Failed(failure) => (failure.payload(&invocation.request_id), Some(failure)),
            Ended::NotTaken => (bytes::Bytes::new(), None),
        };
        let facts = Facts { duration, init: environment.take_init(), memory_used: environment.memory_used() };
        write_end(runnable, invocation, facts, failure.as_ref(), &mut log);
        let goes_on = failure.as_ref().is_none_or(Failure::leaves_environment);
        // A closed pool gives back the environments of a version that was replaced or deleted.
        if goes_on && let Some(ended) = runnable.pool.keep(environment) {
            tokio::spawn(self.ending(ended, runnable));
        }
        Completed { payload, failed: failure.is_some(), duration, log_tail: log.into_tail() }
    }

    fn never_started(
        &self,
        runnable: &Runnable,
        invocation: &Invocation,
        failure: &Failure,
        begun: Instant,
        mut log: Log<'_>,
    ) -> Completed {
        let facts = Facts { duration: begun.elapsed(), init: None, memory_used: 0 };
        write_end(runnable, invocation, facts, Some(failure), &mut log);
        Completed {
            payload: failure.payload(&invocation.request_id),
            failed: true,
            duration: facts.duration,
            log_tail: log.into_tail(),
        }
    }

    fn log<'a>(&'a self, runnable: &'a Runnable, stream: &str, invocation: &Invocation) -> Log<'a> {
        Log::new(&self.hub, &self.logs, LogPlace::of(&runnable.program), stream, invocation.tail)
    }

    /// The name of a log stream, `2026/01/31/[7]0123456789abcdef…`, dated by the plane.
    fn new_stream(&self, version: &str) -> String {
        let date = self.hub.now().iso8601()[..10].replace('-', "/");
        format!("{date}/[{version}]{}", self.hub.ids.hex(32))
    }

    fn trace_id(&self) -> String {
        let ids = &self.hub.ids;
        let seconds = self.hub.now().as_millis() / 1000;
        format!("Root=1-{seconds:08x}-{};Parent={};Sampled=0", ids.hex(24), ids.hex(16))
    }
}

/// The measurements of an invocation, for its report.
#[derive(Clone, Copy, Debug)]
struct Facts {
    duration: Duration,
    init: Option<Duration>,
    memory_used: u64,
}

fn write_end(runnable: &Runnable, invocation: &Invocation, facts: Facts, failure: Option<&Failure>, log: &mut Log<'_>) {
    let (logging, now) = (&runnable.program.settings.logging, log.now());
    if let Some(failure) = failure {
        log.write(report::failure(logging, &invocation.request_id, failure, now));
    }
    let report = Report {
        request_id: &invocation.request_id,
        duration: facts.duration,
        init: facts.init,
        memory_size: runnable.program.settings.memory,
        memory_used: facts.memory_used,
        failure,
    };
    log.write(report.lines(logging, now));
}
