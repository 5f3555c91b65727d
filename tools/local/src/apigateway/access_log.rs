//! The access log of a stage: a line for each request, into a log group.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use regex::{Captures, Regex};
use serde_json::{Value, json};

use super::event::Asked;
use super::identity::Identity;
use super::identity_source::at_path;
use super::request::{SOURCE_IP, clf};
use crate::core::{Hub, Timestamp};

#[expect(clippy::unwrap_used, reason = "the expression is a constant, and a test reads it")]
static VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\$context\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)").unwrap());

/// The outcome of a request, beside the response itself.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) identity: Identity,
    pub(super) authorizer_error: Option<String>,
    pub(super) integration_error: Option<String>,
    /// The status that the function's code answered.
    pub(super) integration_status: Option<u16>,
    /// The status that Lambda answered to the invocation.
    pub(super) lambda_status: Option<u16>,
    pub(super) integration_latency: Option<Duration>,
}

/// The response that the client is sent, as far as the log has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    pub(super) status: u16,
    pub(super) length: u64,
    pub(super) latency: Duration,
    /// The message of an answer that API Gateway gave itself.
    pub(super) message: Option<&'a str>,
}

/// The variables that the request alone has.
pub(super) fn of_the_request(asked: Asked<'_>, identity: &Identity) -> Value {
    let Asked { account, incoming, way } = asked;
    let mut signer = identity.signer_in_version_1();
    signer["sourceIp"] = json!(SOURCE_IP);
    signer["userAgent"] = json!(incoming.header("user-agent"));
    json!({
        "accountId": account, "apiId": way.api_id, "domainName": incoming.domain(),
        "domainPrefix": incoming.domain_prefix(&way.api_id), "extendedRequestId": incoming.request_id,
        "httpMethod": incoming.parts.method.as_str(), "identity": signer, "path": incoming.path, "protocol": "HTTP/1.1",
        "requestId": incoming.request_id, "requestTime": clf(incoming.at), "requestTimeEpoch": incoming.at.as_millis(),
        "routeKey": way.route_key.text(), "stage": way.stage,
    })
}

/// A line of the log: a variable that has no value is `-`.
pub(super) fn line(format: &str, request: &Value, record: &Record, sent: Sent<'_>) -> String {
    let mut context = request.clone();
    let latency = record.integration_latency.map(|took| took.as_millis());
    context["authorizer"] = record.identity.in_version_1();
    context["authorizer"]["error"] = json!(record.authorizer_error);
    context["error"] = json!({
        "message": sent.message, "messageString": sent.message.map(|message| format!("\"{message}\"")),
    });
    context["integration"] = json!({
        "error": record.integration_error, "integrationStatus": record.lambda_status, "latency": latency,
        "status": record.integration_status,
    });
    context["integrationErrorMessage"] = json!(record.integration_error);
    context["integrationLatency"] = json!(latency);
    context["integrationStatus"] = json!(record.lambda_status);
    context["responseLatency"] = json!(sent.latency.as_millis());
    context["responseLength"] = json!(sent.length);
    context["dataProcessed"] = json!(sent.length);
    context["status"] = json!(sent.status);
    let value = |found: &Captures<'_>| at_path(&context, &found[1]).unwrap_or_else(|| "-".to_owned());
    VARIABLE.replace_all(format, value).into_owned()
}

/// Writes a line to the log group of an ARN. Assumed: the name of the stream, one for each stage. A group that is not there
/// gets nothing, and the plane's own log says so.
pub(super) fn write(hub: &Arc<Hub>, destination: &str, stream: String, at: Timestamp, line: String) {
    let group = destination.splitn(7, ':').nth(6).unwrap_or_default().trim_end_matches(":*").to_owned();
    let hub = Arc::clone(hub);
    tokio::spawn(async move {
        let event = json!({ "timestamp": at.as_millis(), "message": line });
        let put = || {
            let input = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": [event] });
            hub.call("logs", "PutLogEvents", input)
        };
        let mut written = put().await;
        if written.as_ref().is_err_and(|error| error.is("ResourceNotFoundException")) {
            let input = json!({ "logGroupName": group, "logStreamName": stream });
            // Another request may have made it in the meantime.
            let _ = hub.call("logs", "CreateLogStream", input).await;
            written = put().await;
        }
        if let Err(error) = written {
            tracing::warn!(%error, group, "an access log was not written");
        }
    });
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use http::Request;

    use super::super::request::Incoming;
    use super::super::testing::way;
    use super::*;
    use crate::core::testing::hub;

    #[test]
    fn variables_have_their_values_and_others_a_dash() {
        let parts = Request::get("/pets/1?q=1").header("user-agent", "u").body(()).unwrap().into_parts().0;
        let incoming = Incoming::new(&hub(), parts, Bytes::new(), "r=".into());
        let way = way("GET /pets/{id}", &[]);
        let asked = Asked { account: "1", incoming: &incoming, way: &way };
        let record = Record {
            identity: Identity::Lambda { principal: Some("p".into()), context: json!({ "key": 1 }) },
            integration_status: Some(201),
            ..Record::default()
        };
        let sent = Sent { status: 200, length: 5, latency: Duration::from_millis(3), message: None };
        let format = "$context.identity.sourceIp - \"$context.httpMethod $context.routeKey $context.protocol\" \
                      $context.status $context.responseLength $context.requestId, $context.integration.status \
                      $context.authorizer.principalId/$context.authorizer.key $context.error.message $context.nothing.";
        let expected = "127.0.0.1 - \"GET GET /pets/{id} HTTP/1.1\" 200 5 r=, 201 p/1 - -.";
        let request = of_the_request(asked, &Identity::Anybody);
        assert_eq!(line(format, &request, &record, sent), expected);
    }
}
