//! The place of a suite: the value of the parameter in which hooks look for it.

use crate::objects::ObjectLocation;

/// The value of a suite's parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuiteSource {
    /// The suite's own text.
    Text(String),
    /// `s3://bucket/key`: an object that holds the suite.
    Object(ObjectLocation),
    /// `s3://bucket/key#Function`: the manifest of a release, and the function whose suite it is.
    Manifest {
        /// The manifest.
        location: ObjectLocation,
        /// The function's logical id.
        function: String,
    },
}

impl SuiteSource {
    /// Reads the value of a suite's parameter.
    ///
    /// # Errors
    /// An address without a bucket, a key or a function, in words.
    pub fn of(value: &str) -> Result<Self, String> {
        let value = value.trim();
        let Some(address) = value.strip_prefix("s3://") else { return Ok(Self::Text(value.to_owned())) };
        let (object, function) =
            address.split_once('#').map_or((address, None), |(object, function)| (object, Some(function)));
        let location = match object.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => ObjectLocation::new(bucket, key),
            _ => return Err(format!("{value:?} is no address of an S3 object: s3://bucket/key")),
        };
        match function {
            None => Ok(Self::Object(location)),
            Some("") => Err(format!("{value:?} names no function behind its #")),
            Some(function) => Ok(Self::Manifest { location, function: function.to_owned() }),
        }
    }
}
