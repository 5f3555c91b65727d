//! Buckets: made, found, listed and removed.

pub(super) mod acl;
mod names;
pub(super) mod ownership;
pub(super) mod ownership_rule;
pub(super) mod policy;
pub(super) mod public_access;
pub(super) mod settings;
pub(super) mod tagging;
pub(super) mod versioning;

use s3s::S3Request;
use s3s::dto::{
    Bucket as Listed, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput, HeadBucketOutput,
    ListBucketsInput, ListBucketsOutput,
};

use super::context::{Answer, Context, done};
use super::dates;
use super::must_be_new::MustBeNew;
use super::refusal::Refusal;
use super::store::{Bucket, Change};

/// The region that S3's first endpoint is in. Its location has no name.
pub(super) const FIRST_REGION: &str = "us-east-1";
/// The number of buckets on a page if the client names none.
const PAGE: usize = 10_000;

pub(super) async fn create(context: &Context, request: S3Request<CreateBucketInput>) -> Answer<CreateBucketOutput> {
    let must_be_new = request.extensions.get::<MustBeNew>().is_some();
    let input = request.input;
    names::check(&input.bucket)?;
    let region = region(context, &input)?;
    let mut settings = ownership::at_creation(&input)?;
    settings.extend(acl::at_creation(context, &input)?);
    if input.object_lock_enabled_for_bucket == Some(true) {
        settings.push(("object-lock", settings::write(&super::object::lock::enabled())?));
        settings.push(("versioning", versioning::ENABLED.to_owned()));
    }
    if let Some(configuration) = &input.create_bucket_configuration
        && (configuration.bucket.is_some() || configuration.location.is_some())
    {
        return Err(Refusal::not_implemented("CreateBucket with a directory bucket"));
    }
    let name = input.bucket.clone();
    context.store.change(|index| {
        if let Ok(held) = index.bucket(&name) {
            return if held.region == FIRST_REGION && region == FIRST_REGION && !must_be_new {
                Ok((vec![], ()))
            } else {
                Err(owned(&name))
            };
        }
        Ok((made(context, &name, region, settings), ()))
    })?;
    done(CreateBucketOutput { location: Some(format!("/{}", input.bucket)) })
}

/// The changes that make a bucket.
fn made(context: &Context, name: &str, region: String, settings: Vec<(&'static str, String)>) -> Vec<Change> {
    let bucket = || name.to_owned();
    let made = Change::BucketMade { bucket: bucket(), at: context.now(), region };
    let settings = settings.into_iter().map(|(name, value)| Change::Set {
        bucket: bucket(),
        name: name.to_owned(),
        value: Some(value),
    });
    std::iter::once(made).chain(settings).collect()
}

fn owned(name: &str) -> Refusal {
    let message = "Your previous request to create the named bucket succeeded and you already own it.";
    Refusal::new("BucketAlreadyOwnedByYou", 409, message).with("BucketName", name)
}

/// The region of a new bucket. The endpoint of the first region makes buckets everywhere, the others at home only.
fn region(context: &Context, input: &CreateBucketInput) -> Result<String, Refusal> {
    let home = context.identity().region;
    let asked = input.create_bucket_configuration.as_ref().and_then(|given| given.location_constraint.as_ref());
    let asked = asked.map(BucketLocationConstraint::as_str).filter(|asked| !asked.is_empty());
    let wrong_place = |asked: &str| {
        let message = format!(
            "The {asked} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        Refusal::new("IllegalLocationConstraintException", 400, message)
    };
    match asked {
        None if home == FIRST_REGION => Ok(home),
        None => Err(wrong_place("unspecified")),
        Some(asked) if asked == FIRST_REGION || !names::is_region(asked) => {
            let message = "The specified location-constraint is not valid";
            Err(Refusal::new("InvalidLocationConstraint", 400, message).with("LocationConstraint", asked))
        }
        Some("EU") => Ok("eu-west-1".to_owned()),
        Some(asked) if home == FIRST_REGION || asked == home => Ok(asked.to_owned()),
        Some(asked) => Err(wrong_place(asked)),
    }
}

pub(super) async fn delete(context: &Context, request: S3Request<DeleteBucketInput>) -> Answer<DeleteBucketOutput> {
    let name = request.input.bucket;
    context.store.change(|index| {
        if !index.bucket(&name)?.is_empty() {
            let message = "The bucket you tried to delete is not empty";
            let message = if versioning::of(index.bucket(&name)?).is_some() {
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
            } else {
                message
            };
            return Err(Refusal::new("BucketNotEmpty", 409, message).with("BucketName", &name));
        }
        Ok((vec![Change::BucketRemoved { bucket: name.clone() }], ()))
    })?;
    done(DeleteBucketOutput::default())
}

pub(super) async fn head(context: &Context, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
    let region = context.store.look(|index| Ok::<_, Refusal>(index.bucket(&request.input.bucket)?.region.clone()))?;
    done(HeadBucketOutput {
        bucket_region: Some(region),
        access_point_alias: Some(false),
        ..HeadBucketOutput::default()
    })
}

pub(super) async fn location(
    context: &Context,
    request: S3Request<GetBucketLocationInput>,
) -> Answer<GetBucketLocationOutput> {
    let region = context.store.look(|index| Ok::<_, Refusal>(index.bucket(&request.input.bucket)?.region.clone()))?;
    let location_constraint = (region != FIRST_REGION).then(|| BucketLocationConstraint::from(region));
    done(GetBucketLocationOutput { location_constraint })
}

pub(super) async fn list(context: &Context, request: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
    let input = request.input;
    let limit = match input.max_buckets {
        None => PAGE,
        Some(limit) => usize::try_from(limit).ok().filter(|limit| (1..=PAGE).contains(limit)).ok_or_else(|| {
            let message = "Argument max-buckets must be an integer between 1 and 10000";
            Refusal::argument("max-buckets", limit.to_string(), message)
        })?,
    };
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = input.continuation_token.as_deref().map(super::listing::token::read).transpose()?;
    let mut found: Vec<Listed> = context.store.look(|index| {
        let wanted = index.buckets().filter(|(name, bucket)| {
            name.starts_with(&prefix)
                && after.as_ref().is_none_or(|after| *name > after)
                && input.bucket_region.as_ref().is_none_or(|region| bucket.region == *region)
        });
        wanted.take(limit + 1).map(|(name, bucket)| listed(name, bucket, input.max_buckets.is_some())).collect()
    });
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().and_then(|bucket| bucket.name.clone());
    done(ListBucketsOutput {
        continuation_token: last.filter(|_| more).map(|name| super::listing::token::write(&name)),
        buckets: Some(found),
        owner: Some(context.owner()),
        prefix: input.prefix,
    })
}

/// A bucket in the list. Its region is said on pages only.
fn listed(name: &str, bucket: &Bucket, paged: bool) -> Listed {
    Listed {
        name: Some(name.to_owned()),
        creation_date: Some(dates::said(bucket.at)),
        bucket_region: paged.then(|| bucket.region.clone()),
    }
}
