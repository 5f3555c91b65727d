//! Where the suite of an application that is released by somebody else's pipeline lies.

/// The value of a suite's parameter: the suite itself, or the address of an S3 object that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuiteSource {
    /// The suite's own text.
    Text(String),
    /// `s3://bucket/key`: for a suite that is larger than a parameter may be.
    Object {
        /// The bucket.
        bucket: String,
        /// The key, without a slash in front.
        key: String,
    },
}

impl SuiteSource {
    /// Reads the value of a suite's parameter.
    ///
    /// # Errors
    /// An address without a bucket or a key, in words.
    pub fn of(value: &str) -> Result<Self, String> {
        let Some(address) = value.trim().strip_prefix("s3://") else { return Ok(Self::Text(value.to_owned())) };
        match address.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Self::Object { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            _ => Err(format!("{:?} is no address of an S3 object: s3://bucket/key", value.trim())),
        }
    }
}
