//! S3 behind its ports.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use super::{AwsSettings, translate};
use crate::call::CallError;
use crate::objects::{GetObject, GetObjectVersion, HeadObject, ObjectLocation, ObjectUrl, PutObject};

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
    async fn get(&self, location: &ObjectLocation, version: Option<&str>) -> Result<Vec<u8>, CallError> {
        let request = self.client.get_object().bucket(&location.bucket).key(&location.key);
        let output = request.set_version_id(version.map(str::to_owned)).send().await;
        let body = output.map_err(|error| translate("GetObject", error))?.body;
        let content = body.collect().await;
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

impl PutObject for AwsObjects {
    async fn put_object(
        &self,
        location: &ObjectLocation,
        content: Vec<u8>,
        content_type: &str,
    ) -> Result<(), CallError> {
        let request = self.client.put_object().bucket(&location.bucket).key(&location.key);
        let sent = request.content_type(content_type).body(ByteStream::from(content)).send().await;
        sent.map(drop).map_err(|error| translate("PutObject", error))
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

    #[test]
    fn a_url_is_the_buckets_own_in_its_region() {
        let url = objects(&Connection::default()).object_url(&location());
        assert_eq!(url, "https://artifacts.s3.eu-west-1.amazonaws.com/functions/1.zip");
    }
}
