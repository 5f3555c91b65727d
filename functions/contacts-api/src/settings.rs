//! The settings of the function, from its environment.

use std::net::SocketAddr;
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use slipway_shared::env::{self, Lookup, Reader, SettingsError};

use crate::http::ApiSettings;

/// The build that is running, as `/version` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The commit whose build first had this content.
    pub commit: String,
    /// The digest of the release.
    pub release: String,
    /// The published version of the function, a number or `$LATEST`.
    pub function_version: String,
}

/// The place of request metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricsSettings {
    /// The CloudWatch namespace of the metrics.
    pub namespace: String,
    /// The service that the requests are to: the function's name.
    pub service: String,
    /// The published version that answers.
    pub version: String,
    /// The time for which requests are gathered before they are written.
    pub window: Duration,
}

/// The time for which requests are gathered unless another is set. CloudWatch keeps metrics by the minute.
const WINDOW_SECONDS: u32 = 10;

/// The destination of traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TracingSettings {
    /// No traces are written.
    Off,
    /// To X-Ray's daemon, at this address.
    XRay(SocketAddr),
    /// To a collector's endpoint for traces.
    Otlp(Uri),
}

/// The settings of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The table of the contacts.
    pub table_name: String,
    /// The settings that the router is made with.
    pub api: ApiSettings,
    /// The path that a custom domain's mapping puts before every path of a REST API, without slashes.
    pub base_path: Option<String>,
    /// The function's name, the service of metrics and traces.
    pub function_name: String,
    /// The place of request metrics; without it none are written.
    pub metrics: Option<MetricsSettings>,
    /// The destination of traces.
    pub tracing: TracingSettings,
    /// The address and port of Lambda's Runtime API and Extensions API.
    pub runtime_api: String,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// Every variable that is missing or cannot be used.
    pub fn from_env(lookup: &impl Lookup) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let table_name = reader.required(env::TABLE_NAME);
        let commit = reader.required(env::SLIPWAY_COMMIT);
        let release = reader.required(env::SLIPWAY_RELEASE);
        let function_version = reader.required::<String>(env::AWS_LAMBDA_FUNCTION_VERSION);
        let version = function_version.clone();
        let about = commit.zip(release).zip(function_version);
        let about = about.map(|((commit, release), function_version)| About { commit, release, function_version });
        let api = ApiSettings::read(&mut reader, about);
        let base_path = reader.optional::<String>(env::BASE_PATH);
        let function_name = reader.required::<String>(env::AWS_LAMBDA_FUNCTION_NAME);
        let runtime_api = reader.required(env::AWS_LAMBDA_RUNTIME_API);
        let namespace = reader.optional(env::METRICS_NAMESPACE);
        let window = reader.optional(env::METRICS_WINDOW_SECONDS);
        let tracing = tracing(&mut reader);
        reader.finish(|| {
            let window = Duration::from_secs(window?.unwrap_or(WINDOW_SECONDS).into());
            Some(Self {
                table_name: table_name?,
                api: api?,
                metrics: namespace?
                    .zip(function_name.clone())
                    .zip(version)
                    .map(|((namespace, service), version)| MetricsSettings { namespace, service, version, window }),
                function_name: function_name?,
                tracing: tracing?,
                runtime_api: runtime_api?,
                base_path: base_path?.map(|path| path.trim_matches('/').to_owned()).filter(|path| !path.is_empty()),
            })
        })
    }
}

/// The place in a collector where OTLP over HTTP takes traces.
const TRACES: &str = "v1/traces";
/// The default of OTLP's own exporters.
const LOCAL_COLLECTOR: &str = "http://localhost:4318";

fn tracing(reader: &mut Reader<'_, impl Lookup>) -> Option<TracingSettings> {
    match reader.optional::<String>(env::TRACING)?.as_deref() {
        None | Some("off") => Some(TracingSettings::Off),
        Some("xray") => reader.required(env::AWS_XRAY_DAEMON_ADDRESS).map(TracingSettings::XRay),
        Some("otlp") => {
            let base = reader.optional::<String>(env::OTEL_EXPORTER_OTLP_ENDPOINT)?;
            let base = base.as_deref().unwrap_or(LOCAL_COLLECTOR).trim_end_matches('/');
            match format!("{base}/{TRACES}").parse::<Uri>() {
                Ok(endpoint) if endpoint.scheme() == Some(&Scheme::HTTP) => Some(TracingSettings::Otlp(endpoint)),
                Ok(_) | Err(_) => {
                    reader.fault(env::OTEL_EXPORTER_OTLP_ENDPOINT, "must be a URL that begins with http://");
                    None
                }
            }
        }
        Some(_) => {
            reader.fault(env::TRACING, "must be off, xray or otlp");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use test_case::test_case;

    use super::*;

    #[test]
    fn names_every_missing_variable() {
        let error = Settings::from_env(&[("TABLE_NAME", "contacts")]).unwrap_err();
        assert_eq!(error.faults.len(), 5, "{error}");
    }

    fn settings(more: &[(&'static str, &'static str)]) -> Result<Settings, SettingsError> {
        let always = [
            ("TABLE_NAME", "contacts"),
            ("SLIPWAY_COMMIT", "c0ffee"),
            ("SLIPWAY_RELEASE", "sha256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
            ("AWS_LAMBDA_FUNCTION_NAME", "contacts-api"),
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ];
        Settings::from_env(&always.iter().chain(more).copied().collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn nothing_is_measured_or_traced_unless_it_is_said() {
        let settings = settings(&[]).unwrap();
        assert_eq!((settings.metrics, settings.tracing, settings.base_path), (None, TracingSettings::Off, None));
    }

    #[test]
    fn metrics_are_the_functions() {
        let metrics = settings(&[("METRICS_NAMESPACE", "Slipway")]).unwrap().metrics.unwrap();
        assert_eq!((metrics.namespace.as_str(), metrics.service.as_str()), ("Slipway", "contacts-api"));
    }

    #[test_case(&[("TRACING", "otlp")], "http://localhost:4318/v1/traces"; "the collector beside the function")]
    #[test_case(&[("TRACING", "otlp"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://10.0.0.1:4318/")], "http://10.0.0.1:4318/v1/traces"; "another")]
    fn a_collector_takes_traces_at_its_own_path(more: &[(&'static str, &'static str)], endpoint: &str) {
        assert_eq!(settings(more).unwrap().tracing, TracingSettings::Otlp(endpoint.parse().unwrap()));
    }

    #[test]
    fn xray_is_where_lambda_says() {
        let traced = settings(&[("TRACING", "xray"), ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000")]).unwrap();
        assert_eq!(traced.tracing, TracingSettings::XRay("169.254.79.129:2000".parse().unwrap()));
    }

    #[test_case(&[("TRACING", "zipkin")], "TRACING"; "another kind")]
    #[test_case(&[("TRACING", "xray")], "AWS_XRAY_DAEMON_ADDRESS"; "no daemon")]
    #[test_case(&[("TRACING", "otlp"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector")], "OTEL_EXPORTER_OTLP_ENDPOINT"; "tls")]
    #[test_case(&[("TRACING", "otlp"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")], "OTEL_EXPORTER_OTLP_ENDPOINT"; "no url")]
    fn a_place_that_cannot_be_used_is_named(more: &[(&'static str, &'static str)], variable: &str) {
        assert!(settings(more).unwrap_err().to_string().contains(variable));
    }

    #[test]
    fn a_base_path_has_no_slashes() {
        assert_eq!(settings(&[("BASE_PATH", "/v1/")]).unwrap().base_path.as_deref(), Some("v1"));
        assert_eq!(settings(&[("BASE_PATH", "/")]).unwrap().base_path, None);
    }
}
