//! Telemetry of requests: metrics in the embedded metric format, traces to X-Ray or over OTLP. Both by setting.
//!
//! A request is told apart by its route's template, its method and its status; nothing here knows a path, a body or an owner.

mod calls;
mod context;
mod emf;
mod metrics;
mod otlp;
mod tracer;
mod xray;

pub use self::calls::Calls;
pub use self::context::TraceContext;
pub use self::metrics::Metrics;
pub use self::tracer::Tracer;

/// One answered request, as metrics and traces tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The method, `OTHER` for one that HTTP does not know: whoever may send any would fill the metrics with names.
    pub method: &'static str,
    /// The template of the route, such as `/contacts/{id}`.
    pub route: String,
    /// The status; none when there was no answer.
    pub status: Option<u16>,
}

impl Answered {
    /// The route of a request that no route matched.
    pub const NO_ROUTE: &'static str = "none";

    /// The method's name as it is told.
    #[must_use]
    pub fn method_name(method: &str) -> &'static str {
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        KNOWN.into_iter().find(|known| *known == method).unwrap_or("OTHER")
    }

    /// True if its user got no answer, or one that blames this side.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        matches!(self.status, None | Some(500..))
    }

    /// `2xx` and so on; `error` when there was no answer.
    #[must_use]
    pub const fn status_class(&self) -> &'static str {
        match self.status {
            Some(100..=199) => "1xx",
            Some(200..=299) => "2xx",
            Some(300..=399) => "3xx",
            Some(400..=499) => "4xx",
            Some(_) => "5xx",
            None => "error",
        }
    }
}
