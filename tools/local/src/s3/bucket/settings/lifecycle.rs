//! Lifecycle rules: checked, kept and given back. Nothing expires on the plane.

use std::collections::HashSet;

use s3s::S3Request;
use s3s::dto::*;

use super::{keep, kept, missing, set, text};
use crate::s3::context::{Answer, Context, done};
use crate::s3::dates;
use crate::s3::refusal::Refusal;

const NAME: &str = "lifecycle";
const MINIMUM: &str = "lifecycle-minimum";
const DAY: i64 = 24 * 60 * 60 * 1000;
/// The classes that objects can go to.
const CLASSES: [&str; 6] =
    ["DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "STANDARD_IA"];
/// The classes for rare access, and how many days an object is at least before it goes there.
const RARE: [&str; 2] = ["ONEZONE_IA", "STANDARD_IA"];
const MONTH: i32 = 30;

pub(in crate::s3) async fn put_lifecycle(
    context: &Context,
    request: S3Request<PutBucketLifecycleConfigurationInput>,
) -> Answer<PutBucketLifecycleConfigurationOutput> {
    let input = request.input;
    let mut configuration = input.lifecycle_configuration.ok_or_else(Refusal::malformed_xml)?;
    check(&configuration.rules)?;
    for rule in &mut configuration.rules {
        if rule.id.as_ref().is_none_or(String::is_empty) {
            rule.id = Some(context.ids().uuid());
        }
    }
    let minimum = input.transition_default_minimum_object_size.unwrap_or_else(usual_minimum);
    keep(context, &input.bucket, NAME, &configuration)?;
    set(context, &input.bucket, MINIMUM, Some(minimum.as_str().to_owned()))?;
    done(PutBucketLifecycleConfigurationOutput { transition_default_minimum_object_size: Some(minimum) })
}

fn usual_minimum() -> TransitionDefaultMinimumObjectSize {
    TransitionDefaultMinimumObjectSize::from_static(TransitionDefaultMinimumObjectSize::ALL_STORAGE_CLASSES_128K)
}

fn check(rules: &[LifecycleRule]) -> Result<(), Refusal> {
    if rules.is_empty() || rules.len() > 1000 {
        return Err(Refusal::malformed_xml());
    }
    let mut ids = HashSet::new();
    for rule in rules {
        if let Some(id) = &rule.id {
            if id.len() > 255 {
                return Err(Refusal::argument("ID", id.clone(), "ID length should not exceed allowed limit of 255"));
            }
            if !id.is_empty() && !ids.insert(id) {
                let message = "Rule ID must be unique. Found same ID for more than one rule";
                return Err(Refusal::argument("ID", id.clone(), message));
            }
        }
        check_rule(rule)?;
    }
    Ok(())
}

fn check_rule(rule: &LifecycleRule) -> Result<(), Refusal> {
    let status = rule.status.as_str();
    if ![ExpirationStatus::ENABLED, ExpirationStatus::DISABLED].contains(&status) {
        return Err(Refusal::malformed_xml());
    }
    if rule.filter.is_some() == rule.prefix.is_some() {
        return Err(Refusal::malformed_xml());
    }
    if let Some(filter) = &rule.filter {
        check_filter(filter)?;
    }
    let transitions = rule.transitions.as_ref().is_some_and(|list| !list.is_empty());
    let noncurrent = rule.noncurrent_version_transitions.as_ref().is_some_and(|list| !list.is_empty());
    if rule.expiration.is_none()
        && rule.noncurrent_version_expiration.is_none()
        && rule.abort_incomplete_multipart_upload.is_none()
        && !transitions
        && !noncurrent
    {
        return Err(Refusal::request("At least one action needs to be specified in a rule"));
    }
    check_actions(rule)
}

/// A filter has one condition; several are in `And`, which has at least two.
fn check_filter(filter: &LifecycleRuleFilter) -> Result<(), Refusal> {
    let conditions = [
        filter.prefix.is_some(),
        filter.tag.is_some(),
        filter.and.is_some(),
        filter.object_size_greater_than.is_some(),
        filter.object_size_less_than.is_some(),
    ];
    let joined = filter.and.as_ref().map(|and| {
        usize::from(and.prefix.is_some())
            + and.tags.as_ref().map_or(0, Vec::len)
            + usize::from(and.object_size_greater_than.is_some())
            + usize::from(and.object_size_less_than.is_some())
    });
    if conditions.into_iter().filter(|condition| *condition).count() > 1 || joined.is_some_and(|count| count < 2) {
        return Err(Refusal::malformed_xml());
    }
    Ok(())
}

fn check_actions(rule: &LifecycleRule) -> Result<(), Refusal> {
    if let Some(expiration) = &rule.expiration {
        let said =
            [expiration.date.is_some(), expiration.days.is_some(), expiration.expired_object_delete_marker.is_some()];
        if said.into_iter().filter(|said| *said).count() != 1 {
            return Err(Refusal::malformed_xml());
        }
        let filter = rule.filter.as_ref();
        let tagged = filter.is_some_and(|filter| {
            filter.tag.is_some()
                || filter.and.as_ref().is_some_and(|and| and.tags.as_ref().is_some_and(|t| !t.is_empty()))
        });
        if expiration.expired_object_delete_marker == Some(true) && tagged {
            let message = "ExpiredObjectDeleteMarker cannot be specified with Tags.";
            return Err(Refusal::request(message));
        }
        positive("Expiration", expiration.days)?;
        midnight(expiration.date.as_ref())?;
    }
    for transition in rule.transitions.iter().flatten() {
        let class = transition.storage_class.as_ref().ok_or_else(Refusal::malformed_xml)?.as_str();
        if !CLASSES.contains(&class) || transition.date.is_some() == transition.days.is_some() {
            return Err(Refusal::malformed_xml());
        }
        long_enough("Transition", class, transition.days)?;
        if transition.days.is_some_and(|days| days < 0) {
            let message = "'Days' for Transition action must be nonnegative";
            return Err(Refusal::argument("Days", transition.days.unwrap_or_default().to_string(), message));
        }
        midnight(transition.date.as_ref())?;
    }
    for transition in rule.noncurrent_version_transitions.iter().flatten() {
        let class = transition.storage_class.as_ref().ok_or_else(Refusal::malformed_xml)?.as_str();
        if !CLASSES.contains(&class) {
            return Err(Refusal::malformed_xml());
        }
        long_enough("NoncurrentVersionTransition", class, transition.noncurrent_days)?;
    }
    check_order(rule)?;
    if let Some(noncurrent) = &rule.noncurrent_version_expiration {
        positive("NoncurrentVersionExpiration", noncurrent.noncurrent_days)?;
    }
    if let Some(abort) = &rule.abort_incomplete_multipart_upload {
        positive("AbortIncompleteMultipartUpload", abort.days_after_initiation)?;
    }
    Ok(())
}

/// Objects stay in the usual class for a month before they go to one for rare access.
fn long_enough(action: &str, class: &str, days: Option<i32>) -> Result<(), Refusal> {
    match days.filter(|days| RARE.contains(&class) && (0..MONTH).contains(days)) {
        None => Ok(()),
        Some(days) => {
            let message = format!(
                "'Days' in {action} action must be greater than or equal to {MONTH} for storageClass '{class}'"
            );
            Err(Refusal::argument("Days", days.to_string(), message))
        }
    }
}

/// Refuses an expiration before the last transition. Assumed: the text for a filter of more than a prefix.
fn check_order(rule: &LifecycleRule) -> Result<(), Refusal> {
    let Some(end) = rule.expiration.as_ref().and_then(|expiration| expiration.days) else { return Ok(()) };
    let last = rule.transitions.iter().flatten().filter_map(|transition| transition.days).max();
    if last.is_none_or(|last| end > last) {
        return Ok(());
    }
    let of = match (&rule.filter, &rule.prefix) {
        (Some(filter), _) => format!("filter '(prefix={})'", filter.prefix.as_deref().unwrap_or_default()),
        (None, prefix) => format!("prefix '{}'", prefix.as_deref().unwrap_or_default()),
    };
    let message =
        format!("'Days' in the Expiration action for {of} must be greater than 'Days' in the Transition action");
    Err(Refusal::argument("Days", end.to_string(), message))
}

fn positive(action: &str, days: Option<i32>) -> Result<(), Refusal> {
    match days {
        Some(days) if days <= 0 => {
            let message = format!("'Days' for {action} action must be a positive integer");
            Err(Refusal::argument("Days", days.to_string(), message))
        }
        _ => Ok(()),
    }
}

fn midnight(date: Option<&Timestamp>) -> Result<(), Refusal> {
    match date.map(|date| dates::heard(date).as_millis()) {
        Some(at) if at % DAY != 0 => Err(Refusal::argument("Date", at.to_string(), "'Date' must be at midnight GMT")),
        _ => Ok(()),
    }
}

pub(in crate::s3) async fn get_lifecycle(
    context: &Context,
    request: S3Request<GetBucketLifecycleConfigurationInput>,
) -> Answer<GetBucketLifecycleConfigurationOutput> {
    let bucket = request.input.bucket;
    let kept: BucketLifecycleConfiguration = kept(context, &bucket, NAME)?.ok_or_else(|| {
        missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", &bucket)
    })?;
    let minimum = text(context, &bucket, MINIMUM)?.map_or_else(usual_minimum, TransitionDefaultMinimumObjectSize::from);
    done(GetBucketLifecycleConfigurationOutput {
        rules: Some(kept.rules),
        transition_default_minimum_object_size: Some(minimum),
    })
}

pub(in crate::s3) async fn delete_lifecycle(
    context: &Context,
    request: S3Request<DeleteBucketLifecycleInput>,
) -> Answer<DeleteBucketLifecycleOutput> {
    set(context, &request.input.bucket, NAME, None)?;
    set(context, &request.input.bucket, MINIMUM, None)?;
    done(DeleteBucketLifecycleOutput::default())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn refusal(rule: &str) -> (&'static str, String) {
        let text = format!(
            "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter>{rule}</Rule></LifecycleConfiguration>"
        );
        let read: BucketLifecycleConfiguration = super::super::read(&text).unwrap();
        let refusal = check(&read.rules).unwrap_err();
        (refusal.code, refusal.message.into_owned())
    }

    #[test_case(
        "<Transition><Days>29</Days><StorageClass>STANDARD_IA</StorageClass></Transition>",
        "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"
    )]
    #[test_case(
        "<NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays><StorageClass>ONEZONE_IA</StorageClass></NoncurrentVersionTransition>",
        "'Days' in NoncurrentVersionTransition action must be greater than or equal to 30 for storageClass 'ONEZONE_IA'"
    )]
    #[test_case(
        "<Expiration><Days>40</Days></Expiration><Transition><Days>40</Days><StorageClass>GLACIER</StorageClass></Transition>",
        "'Days' in the Expiration action for filter '(prefix=logs/)' must be greater than 'Days' in the Transition action"
    )]
    fn days_that_make_no_sense_are_refused(rule: &str, message: &str) {
        assert_eq!(refusal(rule), ("InvalidArgument", message.to_owned()));
    }

    #[test]
    fn objects_go_to_known_classes() {
        let rule = "<Transition><Days>1</Days><StorageClass>NOWHERE</StorageClass></Transition>";
        assert_eq!(refusal(rule).0, "MalformedXML");
    }
}
