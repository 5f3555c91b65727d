//! A request as API Gateway passes it on: with the headers that it adds, and without those that are between two neighbours.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::percent_decode_str;

use crate::core::{Hub, Ids, Timestamp};

/// The client's address: every door is on loopback.
pub(super) const SOURCE_IP: &str = "127.0.0.1";

/// "Total combined size of request line and header values".
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const HEADER_LIMIT: usize = 10_240;

/// Headers of one connection, which no proxy passes on.
/// <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>
const OF_THE_CONNECTION: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A request that has come in.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    /// The path after decoding, with the stage's name if that is in it.
    pub(super) path: String,
    pub(super) request_id: String,
    pub(super) at: Timestamp,
}

impl Incoming {
    /// A request as it is passed on.
    pub(super) fn new(hub: &Hub, mut parts: Parts, body: Bytes, request_id: String) -> Self {
        let at = hub.now();
        let headers = &mut parts.headers;
        drop_connection_headers(headers);
        headers.remove(header::EXPECT);
        let length = HeaderValue::from(body.len());
        headers.insert(header::CONTENT_LENGTH, length);
        let forwarded = match text_of(headers, "x-forwarded-for") {
            Some(known) => format!("{known}, {SOURCE_IP}"),
            None => SOURCE_IP.to_owned(),
        };
        set(headers, "x-forwarded-for", &forwarded);
        // The protocol by which every API on AWS is reached, and so the one that a function is told there, whichever the plane's doors speak.
        set(headers, "x-forwarded-port", "443");
        set(headers, "x-forwarded-proto", "https");
        if !headers.contains_key("x-amzn-trace-id") {
            set(headers, "x-amzn-trace-id", &trace_id(&hub.ids, at));
        }
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy().into_owned();
        Self { parts, body, path, request_id, at }
    }

    /// The first value of a header, as text.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.parts.headers.get(name).map(text)
    }

    /// The whole query, as it was sent.
    pub(super) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// The domain that the request was sent to: its `Host`.
    pub(super) fn domain(&self) -> String {
        self.header("host").unwrap_or_default()
    }

    /// The first label of the domain. An API's own endpoint begins with its id; a loopback address has no labels.
    pub(super) fn domain_prefix(&self, api_id: &str) -> String {
        let domain = self.domain();
        let host = domain.rsplit_once(':').map_or(domain.as_str(), |(host, _)| host);
        if host == SOURCE_IP || host == "localhost" {
            return api_id.to_owned();
        }
        host.split('.').next().unwrap_or_default().to_owned()
    }
}

/// True if the request line and the header values are more than API Gateway takes.
pub(super) fn is_too_large(parts: &Parts) -> bool {
    let line = parts.method.as_str().len() + parts.uri.to_string().len() + " HTTP/1.1".len();
    line + parts.headers.values().map(HeaderValue::len).sum::<usize>() > HEADER_LIMIT
}

/// Removes the headers that are of one connection.
pub(super) fn drop_connection_headers(headers: &mut HeaderMap) {
    for name in &OF_THE_CONNECTION {
        headers.remove(name);
    }
}

/// An id such as `JKJaXmPLvHcESHA=`.
pub(super) fn request_id(ids: &Ids) -> String {
    STANDARD.encode(&ids.uuid().replace('-', "").as_bytes()[..11])
}

fn trace_id(ids: &Ids, at: Timestamp) -> String {
    format!("Root=1-{:08x}-{}", at.as_millis() / 1000, ids.hex(24))
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<String> = headers.get_all(name).iter().map(text).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// A header's value as text, whatever its bytes are.
pub(super) fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// The common log format's time, `12/Mar/2020:19:03:58 +0000`.
pub(super) fn clf(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map(|time| time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::core::testing::hub;

    fn incoming(request: http::request::Builder) -> Incoming {
        let parts = request.body(()).unwrap().into_parts().0;
        Incoming::new(&hub(), parts, Bytes::from_static(b"ab"), "r".into())
    }

    #[test]
    fn the_headers_of_a_proxy_are_added_and_those_of_a_connection_dropped() {
        let request =
            Request::get("/").header("host", "h:1").header("connection", "keep-alive").header("te", "trailers");
        let incoming = incoming(request.header("x-forwarded-for", "10.0.0.1").header("transfer-encoding", "chunked"));
        let header = |name: &str| incoming.header(name);
        assert_eq!(header("x-forwarded-for").as_deref(), Some("10.0.0.1, 127.0.0.1"));
        assert_eq!(header("x-forwarded-proto").as_deref(), Some("https"));
        assert_eq!(header("x-forwarded-port").as_deref(), Some("443"));
        assert_eq!(header("content-length").as_deref(), Some("2"));
        let trace = header("x-amzn-trace-id").unwrap();
        assert!(
            trace.starts_with("Root=1-") && trace.len() == "Root=1-5e6722a7-cc56a0b14db7ae02d4da47ee".len(),
            "{trace}"
        );
        assert_eq!([header("connection"), header("te"), header("transfer-encoding")], [None, None, None]);
    }

    #[test]
    fn a_trace_that_a_client_began_goes_on() {
        let incoming = incoming(Request::get("/").header("x-amzn-trace-id", "Root=1-a-b"));
        assert_eq!(incoming.header("x-amzn-trace-id").as_deref(), Some("Root=1-a-b"));
    }

    #[test]
    fn paths_are_decoded_and_domains_have_a_first_label() {
        let incoming = incoming(Request::get("/p/slash%2Fvalue/%CE%BB?q=%20").header("host", "a.b.c:80"));
        assert_eq!((incoming.path.as_str(), incoming.query()), ("/p/slash/value/λ", "q=%20"));
        assert_eq!((incoming.domain().as_str(), incoming.domain_prefix("id").as_str()), ("a.b.c:80", "a"));
    }

    #[test]
    fn the_size_is_of_the_line_and_the_values() {
        let parts = |length: usize| {
            let request = Request::get("/").header("x-a", "v".repeat(length));
            request.body(()).unwrap().into_parts().0
        };
        assert!(!is_too_large(&parts(10_000)));
        assert!(is_too_large(&parts(10_240)));
    }

    #[test]
    fn an_id_looks_like_those_of_api_gateway() {
        let id = request_id(&Ids::seeded(1));
        assert!(id.len() == 16 && id.ends_with('='), "{id}");
    }
}
