//! An S3 in memory.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::CallError;
use crate::objects::{
    Content, CreateObject, DownloadObject, GetObject, GetObjectVersion, HeadObject, ObjectLocation, ObjectUrl,
};

/// Objects in memory, in buckets that all exist; clones share their content.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    stored: Arc<Mutex<BTreeMap<ObjectLocation, Stored>>>,
}

#[derive(Debug, Clone)]
struct Stored {
    content: Vec<u8>,
    /// How often somebody sent it, also in vain.
    puts: usize,
}

impl Objects {
    /// Stores an object, for the arrangement of a test.
    #[must_use]
    pub fn with(self, location: &ObjectLocation, content: Vec<u8>) -> Self {
        self.lock().insert(location.clone(), Stored { content, puts: 1 });
        self
    }

    /// The object's bytes.
    #[must_use]
    pub fn content(&self, location: &ObjectLocation) -> Option<Vec<u8>> {
        self.lock().get(location).map(|stored| stored.content.clone())
    }

    /// The keys of a bucket that begin with `prefix`, and how often each was sent, also in vain.
    #[must_use]
    pub fn puts(&self, bucket: &str, prefix: &str) -> Vec<(String, usize)> {
        let stored = self.lock();
        let matching = stored.iter().filter(|(at, _)| at.bucket == bucket && at.key.starts_with(prefix));
        matching.map(|(at, object)| (at.key.clone(), object.puts)).collect()
    }

    /// Takes an object away.
    pub fn remove(&self, location: &ObjectLocation) {
        self.lock().remove(location);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ObjectLocation, Stored>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GetObject for Objects {
    async fn get_object(&self, location: &ObjectLocation) -> Result<Vec<u8>, CallError> {
        let missing = || CallError::NotFound { operation: "GetObject", source: "NoSuchKey".into() };
        self.content(location).ok_or_else(missing)
    }
}

/// It keeps no versions: each object has the one that it was asked for.
impl GetObjectVersion for Objects {
    async fn get_object_version(&self, location: &ObjectLocation, _version: &str) -> Result<Vec<u8>, CallError> {
        self.get_object(location).await
    }
}

impl HeadObject for Objects {
    async fn object_exists(&self, location: &ObjectLocation) -> Result<bool, CallError> {
        Ok(self.lock().contains_key(location))
    }
}

impl DownloadObject for Objects {
    async fn download_object(&self, location: &ObjectLocation, sink: &mut (dyn Write + Send)) -> Result<(), CallError> {
        let content = self.get_object(location).await?;
        sink.write_all(&content)
            .map_err(|error| CallError::Unexpected { operation: "GetObject", source: Box::new(error) })
    }
}

impl CreateObject for Objects {
    async fn create_object(&self, location: &ObjectLocation, content: Content, _kind: &str) -> Result<(), CallError> {
        let content = bytes(content)
            .map_err(|error| CallError::Unexpected { operation: "PutObject", source: Box::new(error) })?;
        let mut stored = self.lock();
        if let Some(object) = stored.get_mut(location) {
            object.puts += 1;
            return Err(CallError::AlreadyExists { operation: "PutObject", source: "PreconditionFailed".into() });
        }
        stored.insert(location.clone(), Stored { content, puts: 1 });
        Ok(())
    }
}

fn bytes(content: Content) -> std::io::Result<Vec<u8>> {
    match content {
        Content::Bytes(bytes) => Ok(bytes.to_vec()),
        Content::File { file, length, .. } => {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
            file.read_exact_at(&mut bytes, 0)?;
            Ok(bytes)
        }
    }
}

impl ObjectUrl for Objects {
    fn object_url(&self, location: &ObjectLocation) -> String {
        format!("https://{}.s3.eu-west-1.amazonaws.com/{}", location.bucket, location.key)
    }
}
