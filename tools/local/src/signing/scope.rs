//! The service and the access key of a request: the SigV4 credential scope, from the header or a presigned URL.

use http::header;
use http::request::Parts;

use super::signature_2;

/// The beginning of the header as every SDK writes it.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=";

/// The parts of a credential scope.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The service that was signed for.
    pub(crate) service: Option<String>,
    /// The access key id.
    pub(crate) access_key: String,
}

/// Reads the scope `KEY/20260131/us-east-1/lambda/aws4_request`; empty when the request is not signed.
pub(crate) fn of(parts: &Parts) -> Scope {
    let from_header = parts
        .headers
        .get(header::AUTHORIZATION)
        // `to_str` looks at a long header letter by letter.
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .and_then(|value| value.strip_prefix(SIGNED).or_else(|| value.split("Credential=").nth(1)))
        .and_then(|rest| rest.split(',').next())
        .map(str::to_owned);
    let from_query = || {
        let query = parts.uri.query()?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "X-Amz-Credential")
            .map(|(_, value)| value.into_owned())
    };
    let Some(credential) = from_header.or_else(from_query) else {
        // Signature version 2 names the key alone; only S3 takes it.
        if let Some(key) = signature_2::access_key(parts) {
            return Scope { access_key: key.to_owned(), service: Some("s3".to_owned()) };
        }
        let query = parts.uri.query().unwrap_or_default();
        let key = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "AWSAccessKeyId");
        let service = key.as_ref().map(|_| "s3".to_owned());
        return Scope { access_key: key.map(|(_, key)| key.into_owned()).unwrap_or_default(), service };
    };
    let mut fields = credential.trim().split('/');
    let access_key = fields.next().unwrap_or_default().to_owned();
    Scope { access_key, service: fields.nth(2).map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(uri: &str, authorization: Option<&str>) -> Parts {
        let mut request = Request::builder().uri(uri);
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn reads_the_service_from_the_header_and_from_a_presigned_url() {
        let header =
            "AWS4-HMAC-SHA256 Credential=AK/20260131/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
        let scope = of(&parts("/", Some(header)));
        assert_eq!((scope.service.as_deref(), scope.access_key.as_str()), (Some("lambda"), "AK"));
        let scope = of(&parts("/b/k?X-Amz-Credential=AK%2F20260131%2Fus-east-1%2Fs3%2Faws4_request", None));
        assert_eq!(scope.service.as_deref(), Some("s3"));
        assert_eq!(of(&parts("/", None)), Scope::default());
    }
}
