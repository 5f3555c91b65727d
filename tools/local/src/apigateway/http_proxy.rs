//! An HTTP proxy integration: the request goes on to an endpoint, and its answer comes back.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html>

use axum::body::Body;
use axum::response::Response;
use http::header;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::Client;

use super::integration::with_stage_variables;
use super::request::{Incoming, drop_connection_headers};
use super::way::Way;

/// The characters that are encoded in a path variable. The slashes of a greedy one stay.
const IN_A_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

/// Asks the endpoint.
///
/// # Errors
/// Fails if the endpoint cannot be reached, or is none.
pub(super) async fn ask(
    client: &Client,
    url: &str,
    method: &str,
    incoming: &Incoming,
    way: &Way,
) -> Result<Response, reqwest::Error> {
    let parts = &incoming.parts;
    let mut headers = parts.headers.clone();
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let method = match method {
        "ANY" => parts.method.clone(),
        fixed => fixed.parse().unwrap_or_else(|_| parts.method.clone()),
    };
    let request = client.request(method, target(url, incoming, way)).headers(headers).body(incoming.body.clone());
    let answer = request.send().await?;
    let status = answer.status();
    let mut headers = answer.headers().clone();
    let body = answer.bytes().await?;
    drop_connection_headers(&mut headers);
    headers.remove(header::CONTENT_LENGTH);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The URL with its variables, the whole path where the route is `$default`, and the query.
fn target(url: &str, incoming: &Incoming, way: &Way) -> String {
    let mut url = with_stage_variables(url, &way.stage_variables);
    for (name, value) in &way.parameters {
        url = url.replace(&format!("{{{name}}}"), &utf8_percent_encode(value, IN_A_PATH).to_string());
    }
    if way.route_key.is_default() {
        url = format!("{}{}", url.trim_end_matches('/'), incoming.parts.uri.path());
    }
    match (incoming.query(), url.contains('?')) {
        ("", _) => url,
        (query, true) => format!("{url}&{query}"),
        (query, false) => format!("{url}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use http::Request;
    use test_case::test_case;

    use super::super::testing::way;
    use super::*;
    use crate::core::testing::hub;

    #[test_case("http://h/b/{id}", "GET /a/{id}", &[("id", "x y")], "http://h/b/x%20y?q=1"; "a variable")]
    #[test_case("http://h/{rest}?k=v", "ANY /{rest+}", &[("rest", "a/b")], "http://h/a/b?k=v&q=1"; "a greedy variable and a query")]
    #[test_case("http://h/base/", "$default", &[], "http://h/base/a/x%20y?q=1"; "the default route")]
    fn urls(url: &str, key: &str, parameters: &[(&str, &str)], expected: &str) {
        let parts = Request::get("/a/x%20y?q=1").body(()).unwrap().into_parts().0;
        let incoming = Incoming::new(&hub(), parts, Bytes::new(), "r".into());
        assert_eq!(target(url, &incoming, &way(key, parameters)), expected);
    }
}
