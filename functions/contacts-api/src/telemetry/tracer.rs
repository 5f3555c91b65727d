//! Traces: what a request was, and each call to an AWS service that it made.
//!
//! A process answers one request at a time, as Lambda sends them, so there is one request to which every call belongs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::otlp::Collector;
use super::xray::Daemon;
use super::{Answered, TraceContext};
use crate::settings::TracingSettings;

/// The function's traces; none without settings. Clones are one tracer.
#[derive(Clone, Debug)]
pub struct Tracer(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    exporter: Exporter,
    current: Mutex<Option<Current>>,
}

#[derive(Debug)]
enum Exporter {
    XRay(Daemon),
    Otlp(Box<Collector>),
}

/// The request that is being answered.
#[derive(Debug)]
struct Current {
    context: TraceContext,
    begun: SystemTime,
    calls: Vec<Call>,
}

/// One call to an AWS service.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: u64,
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) begun: SystemTime,
    pub(super) ended: SystemTime,
    pub(super) failed: bool,
}

/// A request that has ended, as it is told.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) context: TraceContext,
    pub(super) id: u64,
    pub(super) request: &'a Answered,
    pub(super) begun: SystemTime,
    pub(super) ended: SystemTime,
    pub(super) calls: &'a [Call],
}

impl Tracer {
    /// A tracer as the settings say.
    ///
    /// # Errors
    /// Fails if the machine gives no socket, or the endpoint names no host.
    pub fn new(settings: TracingSettings, service: &str) -> std::io::Result<Self> {
        let exporter = match settings {
            TracingSettings::Off => return Ok(Self(None)),
            TracingSettings::XRay(daemon) => Exporter::XRay(Daemon::new(daemon)?),
            TracingSettings::Otlp(endpoint) => {
                Exporter::Otlp(Box::new(Collector::new(endpoint, service).map_err(std::io::Error::other)?))
            }
        };
        Ok(Self(Some(Arc::new(Inner { exporter, current: Mutex::default() }))))
    }

    /// True if traces are written.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a request: `xray` is the trace that Lambda says, `traceparent` the header of the request.
    pub fn begin(&self, xray: Option<&str>, traceparent: Option<&str>) {
        let Some(inner) = &self.0 else { return };
        let xray = xray.and_then(TraceContext::from_xray);
        let context = match inner.exporter {
            Exporter::XRay(_) => xray,
            // A caller's own trace goes on, as the caller wants it. Without one a trace begins here, under X-Ray's number where
            // there is one, so that logs and traces name the same.
            Exporter::Otlp(_) => traceparent.and_then(TraceContext::from_traceparent).or_else(|| {
                let trace = xray.map_or_else(|| fastrand::u128(1..), |context| context.trace);
                Some(TraceContext { trace, parent: None, sampled: true })
            }),
        };
        let sampled = context.filter(|context| context.sampled);
        *inner.current() = sampled.map(|context| Current { context, begun: SystemTime::now(), calls: Vec::new() });
    }

    /// Notes a call of the request.
    pub(super) fn called(&self, call: Call) {
        let Some(inner) = &self.0 else { return };
        if let Some(current) = inner.current().as_mut() {
            current.calls.push(call);
        }
    }

    /// Ends the request and tells of it.
    pub fn finish(&self, request: &Answered) {
        let Some(inner) = &self.0 else { return };
        let Some(current) = inner.current().take() else { return };
        let step = Step {
            context: current.context,
            id: fastrand::u64(1..),
            request,
            begun: current.begun,
            ended: SystemTime::now(),
            calls: &current.calls,
        };
        match &inner.exporter {
            Exporter::XRay(daemon) => daemon.send(&step),
            Exporter::Otlp(collector) => collector.send(&step),
        }
    }

    /// Waits until all that was told has been taken, or cannot be.
    pub async fn flush(&self) {
        if let Some(Exporter::Otlp(collector)) = self.0.as_deref().map(|inner| &inner.exporter) {
            collector.flush().await;
        }
    }
}

impl Inner {
    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
