//! Deployment packages: receiving, checking and unpacking them.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::errors::{constraint, invalid};
use crate::core::{Caller, Hub, Ids, Input, ServiceError};

/// The most bytes of an unzipped package, and of a zip that comes in the request itself.
pub(super) const MAX_UNZIPPED: u64 = 262_144_000;
pub(super) const MAX_INLINE_ZIP: usize = 52_428_800;
/// The most bytes of a request with a zip.
const MAX_REQUEST: usize = 70_167_211;

/// One package, unpacked. Its files go when the last version that uses it goes.
#[derive(Debug)]
pub(super) struct Code {
    /// SHA-256 of the zip, in base64: `CodeSha256`.
    pub(super) sha256: String,
    /// The size of the zip in bytes: `CodeSize`.
    pub(super) size: usize,
    /// The directory of the unpacked package: the function's task root.
    pub(super) directory: PathBuf,
    /// The zip as it came, and the key in the link by which it can be downloaded.
    pub(super) zip: PathBuf,
    pub(super) key: String,
}

impl Drop for Code {
    fn drop(&mut self) {
        // A directory that is left behind goes with the plane's data directory.
        let _ = fs::remove_dir_all(&self.directory);
        let _ = fs::remove_file(&self.zip);
    }
}

/// Unpacks each package of a function once, however many versions use it.
#[derive(Debug)]
pub(super) struct CodeStore {
    root: PathBuf,
    ids: Ids,
    unpacked: Mutex<HashMap<(String, String), Weak<Code>>>,
    counter: AtomicU64,
}

impl CodeStore {
    pub(super) fn new(root: PathBuf, ids: Ids) -> Self {
        Self { root, ids, unpacked: Mutex::default(), counter: AtomicU64::new(0) }
    }

    /// Unpacks `zip` for a function, or finds it unpacked.
    pub(super) async fn unpack(self: &Arc<Self>, function: &str, zip: Bytes) -> Result<Arc<Code>, ServiceError> {
        let digest = Sha256::digest(&zip);
        let key = (function.to_owned(), STANDARD.encode(digest));
        if let Some(code) = self.find(&key) {
            return Ok(code);
        }
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let directory = self.root.join(function).join(format!("{}-{number}", hex::encode(digest)));
        let kept = directory.with_extension("zip");
        let code =
            Arc::new(Code { sha256: key.1.clone(), size: zip.len(), directory, zip: kept, key: self.ids.uuid() });
        let unpacking = Arc::clone(&code);
        tokio::task::spawn_blocking(move || unpack(&zip, &unpacking))
            .await
            .map_err(|error| ServiceError::internal(error.to_string()))??;
        self.lock().insert(key, Arc::downgrade(&code));
        Ok(code)
    }

    /// The package whose download has that key.
    pub(super) fn by_key(&self, key: &str) -> Option<Arc<Code>> {
        self.lock().values().filter_map(Weak::upgrade).find(|code| code.key == key)
    }

    fn find(&self, key: &(String, String)) -> Option<Arc<Code>> {
        let mut unpacked = self.lock();
        unpacked.retain(|_, code| code.strong_count() > 0);
        unpacked.get(key).and_then(Weak::upgrade)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Weak<Code>>> {
        self.unpacked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The zip that a `FunctionCode` structure names: its own bytes, or an object in S3.
pub(super) async fn receive(hub: &Hub, caller: &Caller, code: &Input, operation: &str) -> Result<Bytes, ServiceError> {
    if let Some(text) = code.opt_str("ZipFile") {
        let zip = STANDARD.decode(text).map_err(|_| constraint("ZipFile", "code", "Member must be base64"))?;
        let too_large = |message| Err(ServiceError::new("RequestEntityTooLargeException", message).with_status(413));
        if text.len() >= MAX_REQUEST {
            return too_large(format!(
                "Request must be smaller than {MAX_REQUEST} bytes for the {operation} operation"
            ));
        }
        if zip.len() > MAX_INLINE_ZIP {
            return too_large(format!("Zipped size must be smaller than {MAX_INLINE_ZIP} bytes"));
        }
        return Ok(zip.into());
    }
    let (Some(bucket), Some(key)) = (code.opt_str("S3Bucket"), code.opt_str("S3Key")) else {
        return Err(invalid("Please provide a source for function code."));
    };
    let object = hub.objects_as(caller)?.get(bucket, key).await.map_err(|error| match error.code.as_str() {
        "AccessDenied" => no_access(bucket, key),
        code => invalid(format!(
            "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {}",
            error.message
        )),
    })?;
    Ok(object.body)
}

/// Lambda reads the object as its caller, who may not.
fn no_access(bucket: &str, key: &str) -> ServiceError {
    let denied = format!(
        "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for {bucket}/{key}. S3 Error Code: AccessDenied. S3 Error Message: Access Denied"
    );
    ServiceError::new("AccessDeniedException", denied).with_status(403)
}

/// Unpacks a zip to the places of a package, and keeps it.
fn unpack(zip: &[u8], code: &Code) -> Result<(), ServiceError> {
    extract(zip, &code.directory)?;
    fs::write(&code.zip, zip)
        .map_err(|error| ServiceError::internal(format!("cannot keep the function's package: {error}")))
}

fn extract(zip: &[u8], directory: &Path) -> Result<(), ServiceError> {
    let unreadable = || invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| unreadable())?;
    if archive.is_empty() {
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    let kept = |error: io::Error| ServiceError::internal(format!("cannot unpack the function's code: {error}"));
    fs::create_dir_all(directory).map_err(kept)?;
    let mut left = MAX_UNZIPPED;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| unreadable())?;
        // A path that leaves the directory makes the package unreadable, as an absolute one does.
        let path = directory.join(entry.enclosed_name().ok_or_else(unreadable)?);
        if entry.is_dir() {
            fs::create_dir_all(&path).map_err(kept)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(kept)?;
        }
        let mode = entry.unix_mode().unwrap_or(0o644);
        let mut bytes = Vec::new();
        (&mut entry).take(left + 1).read_to_end(&mut bytes).map_err(|_| unreadable())?;
        // The sum must be smaller than the limit, not just as large.
        left = left
            .checked_sub(bytes.len() as u64)
            .filter(|left| *left > 0)
            .ok_or_else(|| invalid(format!("Unzipped size must be smaller than {MAX_UNZIPPED} bytes")))?;
        write(&path, &bytes, mode).map_err(kept)?;
    }
    Ok(())
}

/// Files lose their write bits, as under `/var/task`. Directories keep theirs, so that anyone can remove them.
fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if mode & 0o170_000 == 0o120_000 {
        let target = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        if Path::new(target).components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(io::Error::other(format!("the link {target} leaves the package")));
        }
        return std::os::unix::fs::symlink(target, path);
    }
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(fs::Permissions::from_mode((mode & 0o555) | 0o400))
}
