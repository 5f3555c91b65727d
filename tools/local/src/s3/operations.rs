//! Every operation that is run, and the function that runs it. Another operation answers `NotImplemented` by its name.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::bucket::{acl, ownership, policy, public_access, settings, tagging, versioning};
use super::context::{Answer, Context};
use super::refusal::Refusal;
use super::{bucket, listing, multipart, notification, object};

/// The operations on one store.
pub(super) struct Operations(pub(super) Arc<Context>);

/// Writes the library's trait from `method(Input) -> Output = function` lines.
macro_rules! operations {
    ($($method:ident($input:ident) -> $output:ident = $function:path;)*) => {
        #[async_trait::async_trait]
        impl S3 for Operations {
            $(async fn $method(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                Ok($function(&self.0, request).await?)
            })*
        }
    };
}

operations! {
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = multipart::abort;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = multipart::complete;
    copy_object(CopyObjectInput) -> CopyObjectOutput = object::copy::copy;
    create_bucket(CreateBucketInput) -> CreateBucketOutput = bucket::create;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = multipart::begin;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = bucket::delete;
    delete_bucket_analytics_configuration(DeleteBucketAnalyticsConfigurationInput) -> DeleteBucketAnalyticsConfigurationOutput = settings::delete_analytics;
    delete_bucket_cors(DeleteBucketCorsInput) -> DeleteBucketCorsOutput = settings::delete_cors;
    delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput = settings::delete_encryption;
    delete_bucket_intelligent_tiering_configuration(DeleteBucketIntelligentTieringConfigurationInput) -> DeleteBucketIntelligentTieringConfigurationOutput = settings::delete_tiering;
    delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationInput) -> DeleteBucketInventoryConfigurationOutput = settings::delete_inventory;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput = settings::delete_lifecycle;
    delete_bucket_metrics_configuration(DeleteBucketMetricsConfigurationInput) -> DeleteBucketMetricsConfigurationOutput = settings::delete_metrics;
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput = ownership::delete;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput = policy::delete;
    delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput = settings::delete_replication;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput = tagging::delete;
    delete_bucket_website(DeleteBucketWebsiteInput) -> DeleteBucketWebsiteOutput = settings::delete_website;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = object::delete::one;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = object::tagging::delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = object::delete::many;
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput = public_access::delete;
    get_bucket_accelerate_configuration(GetBucketAccelerateConfigurationInput) -> GetBucketAccelerateConfigurationOutput = settings::get_accelerate;
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = acl::get;
    get_bucket_analytics_configuration(GetBucketAnalyticsConfigurationInput) -> GetBucketAnalyticsConfigurationOutput = settings::get_analytics;
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput = settings::get_cors;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = settings::get_encryption;
    get_bucket_intelligent_tiering_configuration(GetBucketIntelligentTieringConfigurationInput) -> GetBucketIntelligentTieringConfigurationOutput = settings::get_tiering;
    get_bucket_inventory_configuration(GetBucketInventoryConfigurationInput) -> GetBucketInventoryConfigurationOutput = settings::get_inventory;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput) -> GetBucketLifecycleConfigurationOutput = settings::get_lifecycle;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = bucket::location;
    get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput = settings::get_logging;
    get_bucket_metrics_configuration(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput = settings::get_metrics;
    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput) -> GetBucketNotificationConfigurationOutput = notification::get;
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput = ownership::get;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = policy::get;
    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput = policy::status;
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput = settings::get_replication;
    get_bucket_request_payment(GetBucketRequestPaymentInput) -> GetBucketRequestPaymentOutput = settings::get_request_payment;
    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput = tagging::get;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = versioning::get;
    get_bucket_website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput = settings::get_website;
    get_object(GetObjectInput) -> GetObjectOutput = object::read::get;
    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput = object::acl::get;
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput = object::attributes::get;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput = object::lock::get_legal_hold;
    get_object_lock_configuration(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput = object::lock::get_configuration;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput = object::lock::get_retention;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = object::tagging::get;
    get_object_torrent(GetObjectTorrentInput) -> GetObjectTorrentOutput = not_run;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput = public_access::get;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = bucket::head;
    head_object(HeadObjectInput) -> HeadObjectOutput = object::read::head;
    list_bucket_analytics_configurations(ListBucketAnalyticsConfigurationsInput) -> ListBucketAnalyticsConfigurationsOutput = settings::list_analytics;
    list_bucket_intelligent_tiering_configurations(ListBucketIntelligentTieringConfigurationsInput) -> ListBucketIntelligentTieringConfigurationsOutput = settings::list_tiering;
    list_bucket_inventory_configurations(ListBucketInventoryConfigurationsInput) -> ListBucketInventoryConfigurationsOutput = settings::list_inventory;
    list_bucket_metrics_configurations(ListBucketMetricsConfigurationsInput) -> ListBucketMetricsConfigurationsOutput = settings::list_metrics;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = bucket::list;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = multipart::list_uploads;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = listing::versions::list;
    list_objects(ListObjectsInput) -> ListObjectsOutput = listing::objects::version_1;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = listing::objects::version_2;
    list_parts(ListPartsInput) -> ListPartsOutput = multipart::list_parts;
    put_bucket_accelerate_configuration(PutBucketAccelerateConfigurationInput) -> PutBucketAccelerateConfigurationOutput = settings::put_accelerate;
    put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput = acl::put;
    put_bucket_analytics_configuration(PutBucketAnalyticsConfigurationInput) -> PutBucketAnalyticsConfigurationOutput = settings::put_analytics;
    put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput = settings::put_cors;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput = settings::put_encryption;
    put_bucket_intelligent_tiering_configuration(PutBucketIntelligentTieringConfigurationInput) -> PutBucketIntelligentTieringConfigurationOutput = settings::put_tiering;
    put_bucket_inventory_configuration(PutBucketInventoryConfigurationInput) -> PutBucketInventoryConfigurationOutput = settings::put_inventory;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput) -> PutBucketLifecycleConfigurationOutput = settings::put_lifecycle;
    put_bucket_logging(PutBucketLoggingInput) -> PutBucketLoggingOutput = settings::put_logging;
    put_bucket_metrics_configuration(PutBucketMetricsConfigurationInput) -> PutBucketMetricsConfigurationOutput = settings::put_metrics;
    put_bucket_notification_configuration(PutBucketNotificationConfigurationInput) -> PutBucketNotificationConfigurationOutput = notification::put;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput = ownership::put;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = policy::put;
    put_bucket_replication(PutBucketReplicationInput) -> PutBucketReplicationOutput = not_run;
    put_bucket_request_payment(PutBucketRequestPaymentInput) -> PutBucketRequestPaymentOutput = settings::put_request_payment;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput = tagging::put;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = versioning::put;
    put_bucket_website(PutBucketWebsiteInput) -> PutBucketWebsiteOutput = settings::put_website;
    put_object(PutObjectInput) -> PutObjectOutput = object::put::put;
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput = object::acl::put;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput = object::lock::put_legal_hold;
    put_object_lock_configuration(PutObjectLockConfigurationInput) -> PutObjectLockConfigurationOutput = object::lock::put_configuration;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput = object::lock::put_retention;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = object::tagging::put;
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput = public_access::put;
    restore_object(RestoreObjectInput) -> RestoreObjectOutput = object::read::restore;
    select_object_content(SelectObjectContentInput) -> SelectObjectContentOutput = not_run;
    upload_part(UploadPartInput) -> UploadPartOutput = multipart::upload;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = multipart::upload_copy;
}

/// An operation that is known and not run.
async fn not_run<I, O>(_: &Context, _: S3Request<I>) -> Answer<O> {
    let input = std::any::type_name::<I>();
    let name = input.rsplit("::").next().unwrap_or(input);
    Err(Refusal::not_implemented(name.strip_suffix("Input").unwrap_or(name)))
}
