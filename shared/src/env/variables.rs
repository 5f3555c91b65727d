//! The variables themselves: one documented const each, collected in [`ALL`]. `docs/environment.md` lists the same.

/// The need for a variable, and the one who must set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The function refuses to start without it.
    Required,
    /// It has a documented meaning when absent.
    Optional,
    /// The Lambda runtime sets it; a template never does.
    Platform,
}

impl Need {
    /// The word of `docs/environment.md`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Platform => "set by Lambda",
        }
    }
}

/// One environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvVar {
    /// Its name in the environment.
    pub name: &'static str,
    /// The functions that read it, as `docs/environment.md` says it.
    pub readers: &'static str,
    /// The need for it, and the one who must set it.
    pub need: Need,
    /// Its meaning, in one line.
    pub meaning: &'static str,
}

macro_rules! variables {
    ($($name:ident, $need:ident, $readers:literal, $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: EnvVar =
                EnvVar { name: stringify!($name), readers: $readers, need: Need::$need, meaning: $meaning };
        )*
        /// Every variable, in the order of `docs/environment.md`.
        pub const ALL: &[EnvVar] = &[$($name),*];
    };
}

variables! {
    SLIPWAY_APPLICATION, Required, "canary-watch, deploy-trigger, post-traffic, pre-traffic", "The application that is delivered: first part of every parameter name.";
    SLIPWAY_STAGE, Required, "canary-watch, deploy-trigger, post-traffic, pre-traffic", "The stage this copy runs in, such as `dev`, `qa`, `staging` or `production`.";
    SLIPWAY_STACK, Required, "canary-watch, deploy-trigger, post-traffic, pre-traffic", "The CloudFormation stack this copy belongs to.";
    SLIPWAY_PIPELINE, Required, "deploy-trigger", "The pipeline whose success starts a release; events of others are ignored.";
    SLIPWAY_TEMPLATE, Required, "deploy-trigger", "The template's file name inside the build artifact.";
    SLIPWAY_ARTIFACT_BUCKET, Required, "deploy-trigger", "The bucket that keeps content-addressed artifacts.";
    SLIPWAY_TOPIC_ARN, Required, "canary-watch, deploy-trigger", "The SNS topic that is told how each release ended, and of each shift that was stopped.";
    SLIPWAY_DEPLOYMENT_APPLICATIONS, Required, "canary-watch", "The CodeDeploy applications whose deployments are watched, separated by commas.";
    SLIPWAY_LEDGER_TABLE, Required, "canary-watch, deploy-trigger, post-traffic, pre-traffic", "The DynamoDB table of verdicts.";
    SLIPWAY_RELEASES_TABLE, Required, "deploy-trigger", "The DynamoDB table of releases and of the stages that they go to.";
    SLIPWAY_INCONCLUSIVE, Required, "canary-watch", "What becomes of a shift that has shown too little at its end, where the release's manifest does not say: `stop` or `pass`.";
    SLIPWAY_EXECUTION_ROLE_ARN, Required, "deploy-trigger", "The role that CloudFormation takes on to execute a change set.";
    TABLE_NAME, Required, "contacts-api", "The DynamoDB table of contacts.";
    SLIPWAY_COMMIT, Required, "contacts-api", "The commit that was built, answered by `/version`.";
    SLIPWAY_RELEASE, Required, "contacts-api", "The release's identity, answered by `/version`.";
    BASE_PATH, Optional, "contacts-api", "The base path that a custom domain's mapping puts before the paths of a REST API, without slashes; it is taken off.";
    METRICS_NAMESPACE, Optional, "canary-watch, contacts-api", "The CloudWatch namespace of the request metrics, written in the embedded metric format; without it none are written. The watch compares failures in it for releases whose manifest names no metrics.";
    METRICS_WINDOW_SECONDS, Optional, "contacts-api", "How long requests are gathered before their metrics are written; 10 seconds when it is not set.";
    TRACING, Optional, "contacts-api", "Where traces of requests go: `off` (as when it is not set), `xray` or `otlp`.";
    OTEL_EXPORTER_OTLP_ENDPOINT, Optional, "contacts-api", "The collector of `TRACING=otlp`, `http` only; `http://localhost:4318` when it is not set.";
    CORS_ALLOWED_ORIGINS, Optional, "contacts-api", "The origins whose pages may call the API, separated by commas, or `*`; without it no other origin's page may.";
    OWNER_REQUESTS_PER_SECOND, Optional, "contacts-api", "How many requests a second each owner may make of one process; without it any number.";
    SLIPWAY_CA_BUNDLE, Optional, "all", "A PEM file of root certificates to trust instead of the pinned Amazon roots, for proxies and emulators.";
    AWS_ENDPOINT_URL, Optional, "all", "One endpoint instead of every AWS endpoint, `http` allowed; the local plane sets it.";
    AWS_REGION, Platform, "all", "The region of every call.";
    AWS_ACCESS_KEY_ID, Platform, "all", "Credentials of the function's role.";
    AWS_SECRET_ACCESS_KEY, Platform, "all", "Credentials of the function's role.";
    AWS_SESSION_TOKEN, Platform, "all", "Credentials of the function's role; absent for long-lived keys.";
    AWS_LAMBDA_FUNCTION_NAME, Platform, "contacts-api", "The function's name, under which metrics and traces are kept.";
    AWS_LAMBDA_RUNTIME_API, Platform, "contacts-api", "Where the Extensions API is, which makes Lambda send SIGTERM before the end.";
    AWS_XRAY_DAEMON_ADDRESS, Platform, "contacts-api", "The daemon of `TRACING=xray`, an IP address and a port.";
    AWS_LAMBDA_FUNCTION_VERSION, Platform, "contacts-api", "The published version that answers, part of `/version`.";
    AWS_LAMBDA_LOG_LEVEL, Platform, "all", "The least severe level that is logged, `INFO` when absent; the template's `ApplicationLogLevel`.";
    AWS_LAMBDA_LOG_FORMAT, Platform, "all", "`JSON` for lines of JSON, anything else for text; the template's `LogFormat`.";
}
