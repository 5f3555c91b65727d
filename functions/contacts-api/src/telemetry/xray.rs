//! X-Ray: a subsegment for each request, sent to the daemon that Lambda runs beside the function.
//!
//! Lambda makes the function's segment itself; what hangs below it comes from here, as documents of their own over UDP:
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>,
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon>.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::tracer::{Call, Step};

/// The line that the daemon wants before each document.
const HEADER: &str = "{\"format\": \"json\", \"version\": 1}\n";
/// The subsegment's name; a name may have none of a route's braces.
const NAME: &str = "contacts-api";

/// X-Ray's daemon, which takes documents over UDP.
#[derive(Debug)]
pub(super) struct Daemon(UdpSocket);

impl Daemon {
    /// The daemon at an address.
    pub(super) fn new(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect(address)?;
        // A request does not wait for its trace: what cannot be sent at once is lost.
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    /// Sends a request and its calls.
    pub(super) fn send(&self, step: &Step<'_>) {
        if let Err(error) = self.0.send(format!("{HEADER}{}", document(step)).as_bytes()) {
            tracing::debug!(%error, "a subsegment was not sent");
        }
    }
}

fn document(step: &Step<'_>) -> Value {
    let (request, status) = (step.request, step.request.status);
    let mut document = json!({
        "name": NAME, "id": format!("{:016x}", step.id), "type": "subsegment", "trace_id": step.context.xray_trace(),
        "start_time": seconds(step.begun), "end_time": seconds(step.ended),
        "http": { "request": { "method": request.method, "url": request.route } },
        "annotations": { "route": request.route },
        "subsegments": step.calls.iter().map(call).collect::<Vec<_>>(),
    });
    if let Some(parent) = step.context.parent {
        document["parent_id"] = format!("{parent:016x}").into();
    }
    if let Some(status) = status {
        document["http"]["response"] = json!({ "status": status });
    }
    match status {
        None | Some(500..) => document["fault"] = true.into(),
        Some(429) => (document["error"], document["throttle"]) = (true.into(), true.into()),
        Some(400..) => document["error"] = true.into(),
        Some(_) => {}
    }
    document
}

fn call(call: &Call) -> Value {
    let mut document = json!({
        "name": call.service, "id": format!("{:016x}", call.id), "namespace": "aws",
        "start_time": seconds(call.begun), "end_time": seconds(call.ended), "aws": { "operation": call.operation },
    });
    if call.failed {
        document["error"] = true.into();
    }
    document
}

/// Seconds since the epoch.
fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use test_case::test_case;

    use super::super::{Answered, Tracer};
    use super::*;
    use crate::settings::TracingSettings;

    const ROOT: &str = "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad";

    /// The daemon's end, and a tracer that sends to it.
    fn traced() -> (UdpSocket, Tracer) {
        let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let tracer = Tracer::new(TracingSettings::XRay(daemon.local_addr().unwrap()), "contacts").unwrap();
        (daemon, tracer)
    }

    fn received(daemon: &UdpSocket) -> Value {
        let mut buffer = [0; 65_536];
        daemon.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let length = daemon.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        serde_json::from_str(text.strip_prefix(HEADER).unwrap()).unwrap()
    }

    fn answered(status: Option<u16>) -> Answered {
        Answered { method: "GET", route: "/contacts/{id}".to_owned(), status }
    }

    #[test]
    fn a_request_is_a_subsegment_of_lambdas_with_one_for_each_call() {
        let (daemon, tracer) = traced();
        tracer.begin(Some(&format!("{ROOT};Sampled=1")), None);
        let (begun, ended) = (SystemTime::now(), SystemTime::now());
        let (service, operation) = ("DynamoDB".to_owned(), "GetItem".to_owned());
        tracer.called(Call { id: 7, service, operation, begun, ended, failed: true });
        tracer.finish(&answered(Some(200)));
        let document = received(&daemon);
        assert_eq!(document["type"], "subsegment");
        assert_eq!(document["trace_id"], "1-67891233-abcdef012345678912345678");
        assert_eq!(document["parent_id"], "463ac35c9f6413ad");
        assert_eq!(document["id"].as_str().unwrap().len(), 16);
        assert_eq!(document["http"]["request"], json!({"method": "GET", "url": "/contacts/{id}"}));
        assert_eq!(document["http"]["response"], json!({"status": 200}));
        assert!(document["end_time"].as_f64() >= document["start_time"].as_f64());
        let call = &document["subsegments"][0];
        assert_eq!(
            (&call["name"], &call["namespace"], &call["error"]),
            (&json!("DynamoDB"), &json!("aws"), &json!(true))
        );
        assert_eq!((&call["id"], &call["aws"]), (&json!("0000000000000007"), &json!({"operation": "GetItem"})));
    }

    #[test_case(Some(404), &["error"]; "the caller's mistake")]
    #[test_case(Some(429), &["error", "throttle"]; "too many")]
    #[test_case(Some(503), &["fault"]; "our own")]
    #[test_case(None, &["fault"]; "no answer")]
    fn a_failure_is_told_as_what_it_is(status: Option<u16>, flags: &[&str]) {
        let (daemon, tracer) = traced();
        tracer.begin(Some(&format!("{ROOT};Sampled=1")), None);
        tracer.finish(&answered(status));
        let document = received(&daemon);
        let told: Vec<&str> =
            ["error", "fault", "throttle"].into_iter().filter(|flag| document[*flag] == true).collect();
        assert_eq!(told, flags);
    }

    #[test]
    fn what_is_not_sampled_is_not_sent() {
        let (daemon, tracer) = traced();
        for header in [Some(format!("{ROOT};Sampled=0")), None] {
            tracer.begin(header.as_deref(), None);
            tracer.finish(&answered(Some(200)));
        }
        // The next that is sampled is the first that arrives.
        tracer.begin(Some(&format!("{ROOT};Sampled=1")), None);
        tracer.finish(&answered(Some(204)));
        assert_eq!(received(&daemon)["http"]["response"]["status"], 204);
    }
}
