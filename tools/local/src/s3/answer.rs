//! The common parts of every answer of S3: ids, and errors with all their members.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use quick_xml::escape::{escape, unescape};

use super::asked::Asked;
use super::refusal::{MEMBERS, Refusal};

/// Texts of errors that the library gives without one.
const MESSAGES: [(&str, &str); 9] = [
    ("InvalidBucketName", "The specified bucket is not valid."),
    ("InvalidURI", "Couldn't parse the specified URI."),
    ("KeyTooLongError", "Your key is too long"),
    ("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"),
    ("MethodNotAllowed", "The specified method is not allowed against this resource."),
    ("MissingContentLength", "You must provide the Content-Length HTTP header."),
    ("MissingRequestBodyError", "Request Body is empty"),
    ("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data."),
    ("InternalError", "We encountered an internal error. Please try again."),
];

/// The request that is answered.
pub(super) struct Question<'a> {
    pub(super) method: &'a Method,
    /// The path as it was asked for, without the first slash: `bucket` or `bucket/key`.
    pub(super) path: &'a str,
    pub(super) asked: &'a Asked,
}

/// Goes with an answer that is an error, for those who write it down.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) code: String,
    pub(super) message: String,
}

/// An answer of the library, made whole.
pub(super) async fn complete(question: &Question<'_>, response: http::Response<s3s::Body>) -> Response {
    let (mut parts, body) = response.into_parts();
    if !parts.status.is_client_error() && !parts.status.is_server_error() && parts.status != StatusCode::NOT_MODIFIED {
        identify(&mut parts.headers, question.asked);
        // An answer without content has no type either.
        if parts.status == StatusCode::NO_CONTENT {
            parts.headers.remove(header::CONTENT_TYPE);
        }
        if question.asked.operation() == Some("GetObjectAttributes") {
            return bare_tag(parts, body).await;
        }
        return Response::from_parts(parts, Body::new(body));
    }
    let text = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let code = element(&text, "Code").unwrap_or_else(|| "InternalError".to_owned());
    let message = element(&text, "Message").unwrap_or_else(|| {
        MESSAGES.iter().find(|(held, _)| *held == code).map_or_else(String::new, |(_, message)| (*message).to_owned())
    });
    let kept = parts.headers.remove(MEMBERS);
    let members = kept.and_then(|kept| serde_json::from_slice::<Vec<(String, String)>>(kept.as_bytes()).ok());
    let members = members.unwrap_or_else(|| usual_members(&code, question.path));
    parts.headers.remove(header::CONTENT_LENGTH);
    error(question, parts.status, parts.headers, &code, &message, &members)
}

/// The one answer in which an entity tag stands without quotes; the library writes them everywhere.
async fn bare_tag(mut parts: http::response::Parts, body: s3s::Body) -> Response {
    let text = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let bare = ["\"", "&quot;"].iter().fold(text, |text, quote| {
        text.replace(&format!("<ETag>{quote}"), "<ETag>").replace(&format!("{quote}</ETag>"), "</ETag>")
    });
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bare))
}

/// The answer to a request that the library did not see.
pub(super) fn refused(question: &Question<'_>, refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let members: Vec<(String, String)> =
        refusal.members().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    error(question, status, HeaderMap::new(), refusal.code, &refusal.message, &members)
}

/// The members of errors that the library finds by itself.
fn usual_members(code: &str, path: &str) -> Vec<(String, String)> {
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let member = |name: &str, value: String| (name.to_owned(), value);
    match code {
        "InvalidBucketName" => vec![member("BucketName", bucket.to_owned())],
        "KeyTooLongError" => vec![member("Size", key.len().to_string()), member("MaxSizeAllowed", "1024".to_owned())],
        _ => Vec::new(),
    }
}

fn error(
    question: &Question<'_>,
    status: StatusCode,
    headers: HeaderMap,
    code: &str,
    message: &str,
    members: &[(String, String)],
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    if status != StatusCode::NOT_MODIFIED {
        response.extensions_mut().insert(Failed { code: code.to_owned(), message: message.to_owned() });
    }
    identify(response.headers_mut(), question.asked);
    if question.method == Method::HEAD || status == StatusCode::NOT_MODIFIED {
        response.headers_mut().remove(header::CONTENT_TYPE);
        return response;
    }
    let own = [("Code".to_owned(), code.to_owned()), ("Message".to_owned(), message.to_owned())];
    let ids = [
        ("RequestId".to_owned(), question.asked.request_id.clone()),
        ("HostId".to_owned(), question.asked.host_id.clone()),
    ];
    let elements: String = own
        .iter()
        .chain(members)
        .chain(&ids)
        .map(|(name, value)| format!("<{name}>{}</{name}>", escape(value.as_str())))
        .collect();
    *response.body_mut() = Body::from(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{elements}</Error>"));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

fn identify(headers: &mut HeaderMap, asked: &Asked) {
    for (name, value) in [("x-amz-request-id", &asked.request_id), ("x-amz-id-2", &asked.host_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::SERVER, HeaderValue::from_static("AmazonS3"));
}

/// The text of an element of an error.
pub(super) fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once("</")?;
    unescape(value).ok().map(std::borrow::Cow::into_owned)
}
