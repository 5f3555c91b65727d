//! Object Lock: the retention and the legal hold that keep a version from being deleted.

use std::time::Duration;

use s3s::S3Request;
use s3s::dto::{
    DefaultRetention, GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput, GetObjectRetentionInput, GetObjectRetentionOutput, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention, ObjectLockRetentionMode,
    PutObjectLegalHoldInput, PutObjectLegalHoldOutput, PutObjectLockConfigurationInput,
    PutObjectLockConfigurationOutput, PutObjectRetentionInput, PutObjectRetentionOutput,
};

use super::tagging::alter;
use super::{Said, find};
use crate::core::Timestamp;
use crate::s3::bucket::settings::{kept, missing, read, write};
use crate::s3::bucket::versioning;
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Change, Lock};

const NAME: &str = "object-lock";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const GOVERNANCE: &str = "GOVERNANCE";
const COMPLIANCE: &str = "COMPLIANCE";

/// The configuration of a bucket that was made with Object Lock.
pub(in crate::s3) fn enabled() -> ObjectLockConfiguration {
    let enabled = ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED);
    ObjectLockConfiguration { object_lock_enabled: Some(enabled), rule: None }
}

fn no_lock() -> Refusal {
    Refusal::request("Bucket is missing Object Lock Configuration")
}

fn require(bucket: &Bucket) -> Result<ObjectLockConfiguration, Refusal> {
    read(bucket.setting(NAME).ok_or_else(no_lock)?)
}

/// The lock of a new object: as the request says, else by the default retention of the bucket.
pub(super) fn at_writing(context: &Context, bucket: &Bucket, said: &Said) -> Result<Lock, Refusal> {
    let hold = said.legal_hold.as_deref().map(on).transpose()?;
    let (mode, until) = match (&said.lock_mode, &said.lock_until) {
        (None, None) => (None, None),
        (Some(mode), Some(until)) => {
            check_mode(mode).map_err(|_| {
                Refusal::argument("x-amz-object-lock-mode", mode.clone(), "Unknown wormMode directive.")
            })?;
            let until = dates::heard(until);
            if until <= context.now() {
                let message = "The retain until date must be in the future!";
                return Err(Refusal::argument("x-amz-object-lock-retain-until-date", until.iso8601(), message));
            }
            (Some(mode.clone()), Some(until))
        }
        (mode, _) => {
            let missing = if mode.is_some() { "x-amz-object-lock-retain-until-date" } else { "x-amz-object-lock-mode" };
            let message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
            return Err(Refusal::argument(missing, "", message));
        }
    };
    if bucket.setting(NAME).is_none() {
        return if hold.is_none() && mode.is_none() { Ok(Lock::default()) } else { Err(no_lock()) };
    }
    if mode.is_some() {
        return Ok(Lock { mode, until, hold });
    }
    let usual = require(bucket)?.rule.and_then(|rule| rule.default_retention);
    let until = usual.as_ref().and_then(|usual| Some(context.now() + DAY * length(usual)?));
    let mode = usual.and_then(|usual| usual.mode).map(|mode| mode.as_str().to_owned());
    Ok(Lock { mode, until, hold })
}

/// A retention in days.
fn length(usual: &DefaultRetention) -> Option<u32> {
    let days = usual.days.or_else(|| usual.years.and_then(|years| years.checked_mul(365)))?;
    u32::try_from(days).ok()
}

fn on(hold: &str) -> Result<bool, Refusal> {
    match hold {
        "ON" => Ok(true),
        "OFF" => Ok(false),
        _ => Err(Refusal::malformed_xml()),
    }
}

fn check_mode(mode: &str) -> Result<(), Refusal> {
    if [GOVERNANCE, COMPLIANCE].contains(&mode) { Ok(()) } else { Err(Refusal::malformed_xml()) }
}

/// Refuses the removal of a version that is retained or under a legal hold.
pub(super) fn permit_removal(lock: &Lock, now: Timestamp, bypass: bool) -> Result<(), Refusal> {
    let retained = lock.until.is_some_and(|until| until > now) && !(bypass && lock.mode.as_deref() == Some(GOVERNANCE));
    if retained || lock.hold == Some(true) {
        return Err(Refusal::new("AccessDenied", 403, "Access Denied because object protected by object lock."));
    }
    Ok(())
}

pub(in crate::s3) async fn put_configuration(
    context: &Context,
    request: S3Request<PutObjectLockConfigurationInput>,
) -> Answer<PutObjectLockConfigurationOutput> {
    let input = request.input;
    let configuration = input.object_lock_configuration.ok_or_else(Refusal::malformed_xml)?;
    if configuration.object_lock_enabled.as_ref().is_none_or(|enabled| enabled.as_str() != ObjectLockEnabled::ENABLED) {
        return Err(Refusal::malformed_xml());
    }
    if let Some(rule) = &configuration.rule {
        check_usual(rule.default_retention.as_ref().ok_or_else(Refusal::malformed_xml)?)?;
    }
    context.store.change(|index| {
        if !versioning::is_enabled(index.bucket(&input.bucket)?) {
            let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
            return Err(Refusal::new("InvalidBucketState", 409, message));
        }
        let (bucket, name, value) = (input.bucket.clone(), NAME.to_owned(), Some(write(&configuration)?));
        Ok((vec![Change::Set { bucket, name, value }], ()))
    })?;
    done(PutObjectLockConfigurationOutput::default())
}

fn check_usual(usual: &DefaultRetention) -> Result<(), Refusal> {
    check_mode(usual.mode.as_ref().map(ObjectLockRetentionMode::as_str).unwrap_or_default())?;
    match (usual.days, usual.years) {
        (Some(length), None) | (None, Some(length)) if length > 0 => Ok(()),
        (Some(_), None) | (None, Some(_)) => {
            let message = "Default retention period must be a positive integer value.";
            Err(Refusal::argument("Days", "0", message))
        }
        _ => Err(Refusal::malformed_xml()),
    }
}

pub(in crate::s3) async fn get_configuration(
    context: &Context,
    request: S3Request<GetObjectLockConfigurationInput>,
) -> Answer<GetObjectLockConfigurationOutput> {
    let bucket = request.input.bucket;
    let kept = kept(context, &bucket, NAME)?.ok_or_else(|| {
        let message = "Object Lock configuration does not exist for this bucket";
        missing("ObjectLockConfigurationNotFoundError", message, &bucket)
    })?;
    done(GetObjectLockConfigurationOutput { object_lock_configuration: Some(kept) })
}

/// The lock of a version in a bucket that has Object Lock.
fn lock_of(context: &Context, bucket: &str, key: &str, version: Option<&str>) -> Result<Lock, Refusal> {
    context.store.look(|index| {
        let held = index.bucket(bucket)?;
        require(held)?;
        Ok(find(held, key, version)?.1.description.lock.clone())
    })
}

fn not_locked() -> Refusal {
    let message = "The specified object does not have a ObjectLock configuration";
    Refusal::new("NoSuchObjectLockConfiguration", 404, message)
}

pub(in crate::s3) async fn put_legal_hold(
    context: &Context,
    request: S3Request<PutObjectLegalHoldInput>,
) -> Answer<PutObjectLegalHoldOutput> {
    let input = request.input;
    let status = input.legal_hold.and_then(|hold| hold.status).ok_or_else(Refusal::malformed_xml)?;
    let hold = on(status.as_str())?;
    lock_of(context, &input.bucket, &input.key, input.version_id.as_deref())?;
    alter(context, (&input.bucket, &input.key), input.version_id.as_deref(), |description| {
        description.lock.hold = Some(hold);
        Ok(())
    })?;
    done(PutObjectLegalHoldOutput::default())
}

pub(in crate::s3) async fn get_legal_hold(
    context: &Context,
    request: S3Request<GetObjectLegalHoldInput>,
) -> Answer<GetObjectLegalHoldOutput> {
    let input = request.input;
    let lock = lock_of(context, &input.bucket, &input.key, input.version_id.as_deref())?;
    let on = lock.hold.ok_or_else(not_locked)?;
    let status = Some(ObjectLockLegalHoldStatus::from_static(if on { "ON" } else { "OFF" }));
    done(GetObjectLegalHoldOutput { legal_hold: Some(ObjectLockLegalHold { status }) })
}

pub(in crate::s3) async fn put_retention(
    context: &Context,
    request: S3Request<PutObjectRetentionInput>,
) -> Answer<PutObjectRetentionOutput> {
    let input = request.input;
    let retention = input.retention.ok_or_else(Refusal::malformed_xml)?;
    let mode = retention.mode.map(|mode| mode.as_str().to_owned());
    let until = retention.retain_until_date.as_ref().map(dates::heard);
    if mode.is_some() != until.is_some() {
        return Err(Refusal::malformed_xml());
    }
    mode.as_deref().map(check_mode).transpose()?;
    let now = context.now();
    if until.is_some_and(|until| until <= now) {
        let message = "The retain until date must be in the future!";
        return Err(Refusal::argument("RetainUntilDate", until.unwrap_or_default().iso8601(), message));
    }
    let bypass = input.bypass_governance_retention == Some(true);
    lock_of(context, &input.bucket, &input.key, input.version_id.as_deref())?;
    alter(context, (&input.bucket, &input.key), input.version_id.as_deref(), |description| {
        let lock = &mut description.lock;
        let weaker = until < lock.until || (lock.mode.as_deref() == Some(COMPLIANCE) && mode != lock.mode);
        if weaker {
            let unheld = Lock { hold: None, ..lock.clone() };
            permit_removal(&unheld, now, bypass)?;
        }
        (lock.mode, lock.until) = (mode, until);
        Ok(())
    })?;
    done(PutObjectRetentionOutput::default())
}

pub(in crate::s3) async fn get_retention(
    context: &Context,
    request: S3Request<GetObjectRetentionInput>,
) -> Answer<GetObjectRetentionOutput> {
    let input = request.input;
    let lock = lock_of(context, &input.bucket, &input.key, input.version_id.as_deref())?;
    let mode = lock.mode.ok_or_else(not_locked)?;
    let retention = ObjectLockRetention {
        mode: Some(ObjectLockRetentionMode::from(mode)),
        retain_until_date: lock.until.map(dates::said),
    };
    done(GetObjectRetentionOutput { retention: Some(retention) })
}
