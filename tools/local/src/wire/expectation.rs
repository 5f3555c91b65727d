//! `Expect: 100-continue` before an empty body.
//!
//! AWS answers `100 Continue` to it. hyper answers at once, as HTTP allows, and has no door for interim answers. A client that
//! takes the answer for the interim one reads the next answer of the connection wrongly and waits for a minute (botocore before
//! 1.44: <https://github.com/boto/botocore/blob/1.43.11/botocore/awsrequest.py>), so that the connection ends with the answer.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// True if the client may be waiting for an interim answer to a request with these headers.
pub(super) fn of(headers: &HeaderMap) -> bool {
    says(headers, &header::EXPECT, "100-continue") && says(headers, &header::CONTENT_LENGTH, "0")
}

/// The last answer of its connection.
pub(super) fn close(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn says(headers: &HeaderMap, name: &HeaderName, value: &str) -> bool {
    headers.get(name).is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use crate::{Plane, PlaneOptions};

    #[test_case("Content-Length: 0\r\nExpect: 100-continue\r\n", true; "an empty body that is to be asked for")]
    #[test_case("Content-Length: 0\r\n", false; "an empty body")]
    #[tokio::test]
    async fn the_connection_ends_after(headers: &str, ends: bool) {
        let plane = Plane::start(PlaneOptions::default()).await.unwrap();
        let mut stream = TcpStream::connect(plane.endpoint().trim_start_matches("http://")).await.unwrap();
        let request = format!("PUT /expected-bucket HTTP/1.1\r\nHost: s3\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]).to_lowercase();
        assert!(answer.starts_with("http/1.1 200 ok"), "{answer}");
        assert_eq!(answer.contains("connection: close"), ends, "{answer}");
        drop(stream);
        plane.shutdown().await;
    }
}
