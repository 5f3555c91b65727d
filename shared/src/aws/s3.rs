//! S3 behind its ports.

use std::io::Write;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::base64;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

use super::{AwsSettings, file_body, translate};
use crate::call::CallError;
use crate::objects::{
    Content, CreateObject, DownloadObject, GetObject, GetObjectVersion, HeadObject, ObjectLocation, ObjectUrl,
};

/// How often an object is sent whose key another call holds at that moment.
const CONFLICTS: usize = 3;

/// S3.
#[derive(Debug, Clone)]
pub struct AwsObjects {
    client: Client,
    region: String,
    endpoint_url: Option<String>,
}

impl AwsObjects {
    /// Over a client of [`super::s3()`], made from the same settings.
    #[must_use]
    pub fn new(client: Client, settings: &AwsSettings) -> Self {
        Self {
            client,
            region: settings.region().to_owned(),
            endpoint_url: settings.endpoint_url().map(|url| url.trim_end_matches('/').to_owned()),
        }
    }
}

impl AwsObjects {
    async fn open(&self, location: &ObjectLocation, version: Option<&str>) -> Result<GetObjectOutput, CallError> {
        let request = self.client.get_object().bucket(&location.bucket).key(&location.key);
        let output = request.set_version_id(version.map(str::to_owned)).send().await;
        output.map_err(|error| translate("GetObject", error))
    }

    async fn get(&self, location: &ObjectLocation, version: Option<&str>) -> Result<Vec<u8>, CallError> {
        let content = self.open(location, version).await?.body.collect().await;
        let cut = |error| CallError::Unavailable { operation: "GetObject", source: Box::new(error) };
        Ok(content.map_err(cut)?.to_vec())
    }
}

impl GetObject for AwsObjects {
    async fn get_object(&self, location: &ObjectLocation) -> Result<Vec<u8>, CallError> {
        self.get(location, None).await
    }
}

impl GetObjectVersion for AwsObjects {
    async fn get_object_version(&self, location: &ObjectLocation, version: &str) -> Result<Vec<u8>, CallError> {
        self.get(location, Some(version)).await
    }
}

impl HeadObject for AwsObjects {
    async fn object_exists(&self, location: &ObjectLocation) -> Result<bool, CallError> {
        let head = self.client.head_object().bucket(&location.bucket).key(&location.key).send().await;
        match head.map_err(|error| translate("HeadObject", error)) {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl DownloadObject for AwsObjects {
    async fn download_object(&self, location: &ObjectLocation, sink: &mut (dyn Write + Send)) -> Result<(), CallError> {
        let cut = |error| CallError::Unavailable { operation: "GetObject", source: Box::new(error) };
        let unwritable = |error| CallError::Unexpected { operation: "GetObject", source: Box::new(error) };
        let mut body = self.open(location, None).await?.body;
        while let Some(piece) = body.try_next().await.map_err(cut)? {
            sink.write_all(&piece).map_err(unwritable)?;
        }
        Ok(())
    }
}

/// `If-None-Match: *`: S3 answers 412 `PreconditionFailed` for a key that is taken, and 409 `ConditionalRequestConflict` while another
/// call changes it, after which the object is to be sent again
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>).
impl CreateObject for AwsObjects {
    async fn create_object(
        &self,
        location: &ObjectLocation,
        content: Content,
        content_type: &str,
    ) -> Result<(), CallError> {
        let mut sent = 0;
        loop {
            let request = self.client.put_object().bucket(&location.bucket).key(&location.key).if_none_match("*");
            let request = match &content {
                Content::Bytes(bytes) => request.body(ByteStream::from(bytes.to_vec())),
                Content::File { file, length, sha256 } => request
                    .checksum_sha256(base64::encode(sha256))
                    .body(ByteStream::new(file_body::of(file.clone(), *length))),
            };
            let Err(error) = request.content_type(content_type).send().await else { return Ok(()) };
            sent += 1;
            let code = error.as_service_error().and_then(|error| error.code()).unwrap_or_default().to_owned();
            match (code.as_str(), translate("PutObject", error)) {
                ("PreconditionFailed", CallError::Unexpected { operation, source }) => {
                    return Err(CallError::AlreadyExists { operation, source });
                }
                ("ConditionalRequestConflict", _) if sent < CONFLICTS => {}
                ("ConditionalRequestConflict", CallError::Unexpected { operation, source }) => {
                    return Err(CallError::Unavailable { operation, source });
                }
                (_, error) => return Err(error),
            }
        }
    }
}

impl ObjectUrl for AwsObjects {
    fn object_url(&self, ObjectLocation { bucket, key }: &ObjectLocation) -> String {
        match &self.endpoint_url {
            Some(endpoint) => format!("{endpoint}/{bucket}/{key}"),
            // AWS's China partition is the one whose endpoints have another suffix.
            None if self.region.starts_with("cn-") => {
                format!("https://{bucket}.s3.{}.amazonaws.com.cn/{key}", self.region)
            }
            None => format!("https://{bucket}.s3.{}.amazonaws.com/{key}", self.region),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Connection, settings};
    use super::*;

    fn objects(connection: &Connection) -> AwsObjects {
        let settings = settings(connection);
        AwsObjects::new(super::super::s3(&settings), &settings)
    }

    fn location() -> ObjectLocation {
        ObjectLocation::new("artifacts", "functions/1.zip")
    }

    #[tokio::test]
    async fn an_object_is_its_bytes() {
        let connection = Connection::answering_text(200, "content");
        assert_eq!(objects(&connection).get_object(&location()).await.unwrap(), b"content");
        assert!(connection.only_request().uri.contains("/functions/1.zip"));
    }

    #[tokio::test]
    async fn an_object_that_is_not_there_is_not_found() {
        let missing = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
        let connection = Connection::answering_text(404, missing);
        assert!(objects(&connection).get_object(&location()).await.unwrap_err().is_not_found());
    }

    #[tokio::test]
    async fn whether_an_object_is_there_is_a_yes_a_no_or_an_error() {
        assert!(objects(&Connection::answering_text(200, "")).object_exists(&location()).await.unwrap());
        // HEAD has no body: S3 says nothing but the status.
        assert!(!objects(&Connection::answering_text(404, "")).object_exists(&location()).await.unwrap());
        assert!(objects(&Connection::answering_text(403, "")).object_exists(&location()).await.is_err());
    }

    fn refusal(code: &str) -> String {
        format!("<Error><Code>{code}</Code><Message>At least one of the pre-conditions did not hold</Message></Error>")
    }

    async fn create(connection: &Connection) -> Result<(), CallError> {
        objects(connection).create_object(&location(), b"content".to_vec().into(), "application/zip").await
    }

    #[tokio::test]
    async fn an_object_is_created_on_the_condition_that_there_is_none() {
        let connection = Connection::answering_text(200, "");
        create(&connection).await.unwrap();
        let request = connection.only_request();
        assert_eq!((request.header("if-none-match"), request.body.as_str()), (Some("*"), "content"));
    }

    #[tokio::test]
    async fn a_key_that_is_taken_already_exists() {
        let connection = Connection::answering_text(412, &refusal("PreconditionFailed"));
        assert!(create(&connection).await.unwrap_err().is_already_exists());
        assert_eq!(connection.requests().len(), 1);
    }

    #[tokio::test]
    async fn an_object_is_sent_again_after_a_conflict_but_not_for_ever() {
        let conflict = refusal("ConditionalRequestConflict");
        let connection = Connection::answering_text(409, &conflict).then_text(200, "");
        create(&connection).await.unwrap();
        assert_eq!(connection.requests().len(), 2);
        let connection = Connection::answering_text(409, &conflict).then_text(409, &conflict).then_text(409, &conflict);
        assert!(create(&connection).await.unwrap_err().is_transient());
        assert_eq!(connection.requests().len(), CONFLICTS);
    }

    #[tokio::test]
    async fn an_object_flows_into_its_sink_and_a_sink_that_is_full_is_no_failure_of_s3() {
        let connection = Connection::answering_text(200, "content").then_text(200, "content");
        let mut sink = Vec::new();
        objects(&connection).download_object(&location(), &mut sink).await.unwrap();
        assert_eq!(sink, b"content");
        let mut small = [0; 3];
        let error = objects(&connection).download_object(&location(), &mut small.as_mut_slice()).await.unwrap_err();
        assert!(matches!(error, CallError::Unexpected { .. }), "{error}");
    }

    #[test]
    fn a_url_is_the_buckets_own_in_its_region() {
        let url = objects(&Connection::default()).object_url(&location());
        assert_eq!(url, "https://artifacts.s3.eu-west-1.amazonaws.com/functions/1.zip");
    }
}
