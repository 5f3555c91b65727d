//! The environment variables of a function's process.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>. The
//! process sees these and nothing of the plane's own environment.

use std::net::SocketAddr;
use std::path::Path;

use super::credentials::Credentials;
use super::program::Program;
use crate::core::Hub;

/// The values that differ from one environment of a version to the next.
pub(super) struct Place<'a> {
    pub(super) api: SocketAddr,
    pub(super) stream: &'a str,
    pub(super) scratch: &'a Path,
    pub(super) credentials: &'a Credentials,
}

/// All variables, in the order in which they are set: a function's own may replace `AWS_ENDPOINT_URL`, `TZ`, `LANG`,
/// `PATH` and `LD_LIBRARY_PATH` as on AWS, and none of the reserved ones.
pub(super) fn variables(hub: &Hub, program: &Program, place: &Place<'_>) -> Vec<(String, String)> {
    let (settings, root) = (&program.settings, program.code.directory.display().to_string());
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut all = vec![
        own("TZ", ":UTC"),
        own("LANG", "en_US.UTF-8"),
        own("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
        own("LD_LIBRARY_PATH", &format!("/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:{root}:{root}/lib:/opt/lib")),
        own("TMPDIR", &place.scratch.display().to_string()),
        own("AWS_ENDPOINT_URL", &hub.endpoint),
    ];
    all.extend(settings.environment.iter().flatten().map(|(name, value)| own(name, value)));
    all.extend([
        own("_HANDLER", &settings.handler),
        own("LAMBDA_TASK_ROOT", &root),
        // There is no /var/runtime here: a provided runtime has nothing in it but its bootstrap.
        own("LAMBDA_RUNTIME_DIR", &root),
        own("AWS_REGION", &hub.identity.region),
        own("AWS_DEFAULT_REGION", &hub.identity.region),
        own("AWS_EXECUTION_ENV", &format!("AWS_Lambda_{}", settings.runtime)),
        own("AWS_LAMBDA_FUNCTION_NAME", &program.function),
        own("AWS_LAMBDA_FUNCTION_VERSION", &program.version),
        own("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &settings.memory.to_string()),
        own("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        own("AWS_LAMBDA_LOG_GROUP_NAME", &settings.logging.group),
        own("AWS_LAMBDA_LOG_STREAM_NAME", place.stream),
        own("AWS_LAMBDA_RUNTIME_API", &place.api.to_string()),
        own("AWS_ACCESS_KEY_ID", &place.credentials.access_key),
        own("AWS_SECRET_ACCESS_KEY", &place.credentials.secret_key),
        own("AWS_SESSION_TOKEN", &place.credentials.session_token),
    ]);
    if settings.logging.json {
        all.push(own("AWS_LAMBDA_LOG_FORMAT", "JSON"));
        all.push(own("AWS_LAMBDA_LOG_LEVEL", settings.logging.application_level.as_deref().unwrap_or("INFO")));
    }
    all
}
