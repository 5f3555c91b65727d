//! The index: every bucket, key and version in memory, changed by [`Change`]s only.
//!
//! Keys are data and nothing is read into them: the order is that of their bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::version::{Object, Part, Piece, Upload, Version};
use crate::core::Timestamp;
use crate::s3::refusal::Refusal;

/// All buckets, by name.
#[derive(Debug, Default)]
pub(in crate::s3) struct Index {
    buckets: BTreeMap<String, Bucket>,
}

/// One bucket, with its settings, keys and uploads.
#[derive(Debug)]
pub(in crate::s3) struct Bucket {
    /// The time at which the bucket was made.
    pub(in crate::s3) at: Timestamp,
    /// The region of the bucket.
    pub(in crate::s3) region: String,
    /// Documents by their name, as they were put.
    settings: BTreeMap<String, String>,
    keys: BTreeMap<String, Vec<Version>>,
    uploads: BTreeMap<(String, String), Upload>,
}

/// One change of the index. A line of the journal is a list of them that happen together.
#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "a change is written down at once, and none is kept")]
pub(in crate::s3) enum Change {
    BucketMade {
        bucket: String,
        at: Timestamp,
        region: String,
    },
    BucketRemoved {
        bucket: String,
    },
    /// Keeps a document, or removes it.
    Set {
        bucket: String,
        name: String,
        value: Option<String>,
    },
    /// The newest version of a key from now on. One with the same id goes.
    Stored {
        bucket: String,
        key: String,
        version: Version,
    },
    /// Another description for a version, in its place.
    Altered {
        bucket: String,
        key: String,
        version: Version,
    },
    Removed {
        bucket: String,
        key: String,
        version: String,
    },
    UploadBegun {
        bucket: String,
        key: String,
        id: String,
        upload: Upload,
    },
    PartStored {
        bucket: String,
        key: String,
        id: String,
        number: i32,
        part: Part,
    },
    UploadEnded {
        bucket: String,
        key: String,
        id: String,
    },
}

impl Index {
    /// Every bucket, by name.
    pub(in crate::s3) fn buckets(&self) -> impl Iterator<Item = (&String, &Bucket)> {
        self.buckets.iter()
    }

    /// The bucket, or `NoSuchBucket`.
    pub(in crate::s3) fn bucket(&self, name: &str) -> Result<&Bucket, Refusal> {
        self.buckets.get(name).ok_or_else(|| Refusal::no_such_bucket(name))
    }

    /// Carries out a change. One that names what is not there changes nothing.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::BucketMade { bucket, at, region } => {
                let (settings, keys, uploads) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
                self.buckets.insert(bucket, Bucket { at, region, settings, keys, uploads });
            }
            Change::BucketRemoved { bucket } => {
                self.buckets.remove(&bucket);
            }
            Change::Set { bucket, name, value } => self.alter(&bucket, |held| match value {
                Some(value) => drop(held.settings.insert(name, value)),
                None => drop(held.settings.remove(&name)),
            }),
            Change::Stored { bucket, key, version } => self.alter(&bucket, |held| held.store(key, version)),
            Change::Altered { bucket, key, version } => self.alter(&bucket, |held| {
                let versions = held.keys.entry(key).or_default();
                if let Some(place) = versions.iter_mut().find(|held| held.id == version.id) {
                    *place = version;
                }
            }),
            Change::Removed { bucket, key, version } => self.alter(&bucket, |held| held.remove(&key, &version)),
            Change::UploadBegun { bucket, key, id, upload } => {
                self.alter(&bucket, |held| drop(held.uploads.insert((key, id), upload)));
            }
            Change::PartStored { bucket, key, id, number, part } => self.alter(&bucket, |held| {
                if let Some(upload) = held.uploads.get_mut(&(key, id)) {
                    upload.parts.insert(number, part);
                }
            }),
            Change::UploadEnded { bucket, key, id } => {
                self.alter(&bucket, |held| drop(held.uploads.remove(&(key, id))));
            }
        }
    }

    fn alter(&mut self, bucket: &str, alter: impl FnOnce(&mut Bucket)) {
        if let Some(held) = self.buckets.get_mut(bucket) {
            alter(held);
        }
    }

    /// The changes that make this index from nothing.
    pub(super) fn changes(&self) -> impl Iterator<Item = Change> {
        self.buckets.iter().flat_map(|(name, bucket)| bucket.changes(name))
    }

    /// Every piece of a body.
    pub(super) fn pieces(&mut self) -> impl Iterator<Item = &mut Piece> {
        self.buckets.values_mut().flat_map(|bucket| {
            let versions = bucket.keys.values_mut().flatten().filter_map(|version| version.object.as_mut());
            let parts = bucket.uploads.values_mut().flat_map(|upload| upload.parts.values_mut());
            versions.flat_map(|object| object.pieces.iter_mut()).chain(parts.map(|part| &mut part.piece))
        })
    }
}

impl Bucket {
    /// A document that was put.
    pub(in crate::s3) fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    /// The documents whose names begin so.
    pub(in crate::s3) fn settings<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let from = self.settings.range(prefix.to_owned()..);
        from.take_while(move |(name, _)| name.starts_with(prefix)).map(|(_, value)| value.as_str())
    }

    /// Every key with its versions, the newest last.
    pub(in crate::s3) fn keys(&self) -> &BTreeMap<String, Vec<Version>> {
        &self.keys
    }

    /// Every upload, by key and id.
    pub(in crate::s3) fn uploads(&self) -> &BTreeMap<(String, String), Upload> {
        &self.uploads
    }

    /// True if there is neither a version nor a delete marker.
    pub(in crate::s3) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The newest version of a key, be it a delete marker.
    pub(in crate::s3) fn newest(&self, key: &str) -> Option<&Version> {
        self.keys.get(key)?.last()
    }

    /// The object that a plain read finds.
    pub(in crate::s3) fn current(&self, key: &str) -> Option<(&Version, &Object)> {
        let version = self.newest(key)?;
        Some((version, version.object.as_deref()?))
    }

    /// The version of a key with this id, or its delete marker.
    pub(in crate::s3) fn version(&self, key: &str, id: &str) -> Option<&Version> {
        self.keys.get(key)?.iter().find(|version| version.id == id)
    }

    /// An upload, or `NoSuchUpload`.
    pub(in crate::s3) fn upload(&self, key: &str, id: &str) -> Result<&Upload, Refusal> {
        self.uploads.get(&(key.to_owned(), id.to_owned())).ok_or_else(|| Refusal::no_such_upload(id))
    }

    fn store(&mut self, key: String, version: Version) {
        let versions = self.keys.entry(key).or_default();
        versions.retain(|held| held.id != version.id);
        versions.push(version);
    }

    fn remove(&mut self, key: &str, version: &str) {
        if let Some(versions) = self.keys.get_mut(key) {
            versions.retain(|held| held.id != version);
            if versions.is_empty() {
                self.keys.remove(key);
            }
        }
    }

    fn changes<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Change> + 'a {
        let bucket = || name.to_owned();
        let made = Change::BucketMade { bucket: bucket(), at: self.at, region: self.region.clone() };
        let settings = self.settings.iter().map(move |(name, value)| Change::Set {
            bucket: bucket(),
            name: name.clone(),
            value: Some(value.clone()),
        });
        let versions = self.keys.iter().flat_map(move |(key, versions)| {
            versions.iter().map(move |version| Change::Stored {
                bucket: bucket(),
                key: key.clone(),
                version: version.clone(),
            })
        });
        let uploads = self.uploads.iter().map(move |((key, id), upload)| Change::UploadBegun {
            bucket: bucket(),
            key: key.clone(),
            id: id.clone(),
            upload: upload.clone(),
        });
        std::iter::once(made).chain(settings).chain(versions).chain(uploads)
    }
}
