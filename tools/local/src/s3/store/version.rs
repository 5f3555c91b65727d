//! The kept form of an object: its versions, with their descriptions, and the parts of uploads.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::blobs::{Blob, Segment};
use crate::core::Timestamp;
use crate::s3::checksum::{Algorithm, Checksum, Coverage};

/// The id of the version that an unversioned bucket keeps.
pub(in crate::s3) const NULL: &str = "null";

/// One version of a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::s3) struct Version {
    /// The id of the version, or [`NULL`].
    pub(in crate::s3) id: String,
    /// The time at which the version was made.
    pub(in crate::s3) at: Timestamp,
    /// The object, or none for a delete marker.
    pub(in crate::s3) object: Option<Box<Object>>,
}

/// An object of one version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::s3) struct Object {
    /// The ETag, without quotes.
    pub(in crate::s3) etag: String,
    /// The size of the body, in bytes.
    pub(in crate::s3) size: u64,
    /// The body: one piece, or one for each part.
    pub(in crate::s3) pieces: Vec<Piece>,
    /// True if it was uploaded in parts.
    pub(in crate::s3) multipart: bool,
    /// The checksum that S3 keeps with it.
    pub(in crate::s3) checksum: Option<Checksum>,
    /// The headers, tags and further settings that the request gave it.
    pub(in crate::s3) description: Description,
}

/// One file of a body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::s3) struct Piece {
    /// The size of the file, in bytes.
    pub(in crate::s3) size: u64,
    /// The digest that names the file.
    digest: String,
    /// The part's checksum, as base64.
    pub(in crate::s3) checksum: Option<String>,
    /// The file, while the index holds it.
    #[serde(skip)]
    blob: Option<Arc<Blob>>,
}

impl Piece {
    /// A piece whose file is held.
    pub(in crate::s3) fn new(size: u64, checksum: Option<String>, blob: Arc<Blob>) -> Self {
        Self { size, digest: blob.digest().to_owned(), checksum, blob: Some(blob) }
    }

    /// Finds the file again, after a start; false when it is not there.
    pub(super) fn find(&mut self, mut adopt: impl FnMut(&str) -> Option<Arc<Blob>>) -> bool {
        self.blob = adopt(&self.digest);
        self.blob.is_some()
    }
}

impl Object {
    /// The files of the bytes `start..end`.
    pub(in crate::s3) fn segments(&self, start: u64, end: u64) -> Vec<Segment> {
        let mut offset = 0;
        let mut segments = Vec::new();
        for piece in &self.pieces {
            let (from, to) = (start.max(offset), end.min(offset + piece.size));
            if let (true, Some(blob)) = (from < to, &piece.blob) {
                segments.push((Arc::clone(blob), from - offset..to - offset));
            }
            offset += piece.size;
        }
        segments
    }

    /// The range of a part's bytes; none if the object has no such part.
    pub(in crate::s3) fn part(&self, number: i32) -> Option<std::ops::Range<u64>> {
        let mut offset = 0;
        for (index, piece) in self.pieces.iter().enumerate() {
            // A part is asked for by its place: the numbers of an upload may have gaps, those of an object have none.
            if usize::try_from(number).is_ok_and(|number| number == index + 1) {
                return Some(offset..offset + piece.size);
            }
            offset += piece.size;
        }
        None
    }
}

/// The description of an object: all that a request says of it beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::s3) struct Description {
    /// The system's metadata: headers that come back with the object.
    pub(in crate::s3) headers: SystemMetadata,
    /// The user's metadata, `x-amz-meta-` left out.
    pub(in crate::s3) metadata: BTreeMap<String, String>,
    /// The tags, by key.
    pub(in crate::s3) tags: BTreeMap<String, String>,
    /// `STANDARD` or another class.
    pub(in crate::s3) storage_class: String,
    /// The encryption that the headers of its answers name.
    pub(in crate::s3) encryption: Encryption,
    /// The access control list as XML, in buckets that have them.
    pub(in crate::s3) acl: Option<String>,
    /// The retention and the legal hold, which keep it from being deleted.
    pub(in crate::s3) lock: Lock,
}

/// Headers that come back as they were put.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::s3) struct SystemMetadata {
    pub(in crate::s3) content_type: Option<String>,
    pub(in crate::s3) cache_control: Option<String>,
    pub(in crate::s3) content_disposition: Option<String>,
    pub(in crate::s3) content_encoding: Option<String>,
    pub(in crate::s3) content_language: Option<String>,
    pub(in crate::s3) expires: Option<s3s::dto::Timestamp>,
    pub(in crate::s3) website_redirect: Option<String>,
}

/// Encryption as the headers say it. The plane keeps bodies as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::s3) struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`; none when the customer has the key.
    pub(in crate::s3) algorithm: Option<String>,
    /// The ARN of the KMS key.
    pub(in crate::s3) key: Option<String>,
    /// True if a bucket key is used.
    pub(in crate::s3) bucket_key: Option<bool>,
    /// The MD5 of the customer's key.
    pub(in crate::s3) customer_key_md5: Option<String>,
}

/// The Object Lock of a version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::s3) struct Lock {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub(in crate::s3) mode: Option<String>,
    /// The end of the retention.
    pub(in crate::s3) until: Option<Timestamp>,
    /// True if there is a legal hold; none if nothing was said.
    pub(in crate::s3) hold: Option<bool>,
}

/// An upload in parts that is not complete.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::s3) struct Upload {
    /// The time at which the upload was begun.
    pub(in crate::s3) at: Timestamp,
    /// The description of the object to come.
    pub(in crate::s3) description: Description,
    /// The checksum that was asked for.
    pub(in crate::s3) algorithm: Option<Algorithm>,
    /// The coverage of the checksum: the whole object, or the parts' checksums.
    pub(in crate::s3) coverage: Coverage,
    /// The parts so far, by number.
    pub(in crate::s3) parts: BTreeMap<i32, Part>,
}

/// One part of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::s3) struct Part {
    /// The time at which the part was uploaded.
    pub(in crate::s3) at: Timestamp,
    /// The ETag, without quotes.
    pub(in crate::s3) etag: String,
    /// The file, with the checksum of the upload's algorithm.
    pub(in crate::s3) piece: Piece,
}
