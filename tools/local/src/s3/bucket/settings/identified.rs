//! Documents of which a bucket has several, each with an id: analytics, inventories, metrics and intelligent tiering.
//! They are kept only.

use s3s::S3Request;
use s3s::dto::*;

use super::{keep, kept, missing, read, set};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;

/// The four operations on one kind of document.
macro_rules! identified {
    ($name:literal, $put:ident, $get:ident, $delete:ident, $list:ident, $document:ident, $member:ident, $members:ident,
     $put_input:ident -> $put_output:ident, $get_input:ident -> $get_output:ident,
     $delete_input:ident -> $delete_output:ident, $list_input:ident -> $list_output:ident) => {
        pub(in crate::s3) async fn $put(context: &Context, request: S3Request<$put_input>) -> Answer<$put_output> {
            let input = request.input;
            check_id(&input.id, &input.$member.id)?;
            keep(context, &input.bucket, &named($name, &input.id), &input.$member)?;
            done($put_output::default())
        }

        pub(in crate::s3) async fn $get(context: &Context, request: S3Request<$get_input>) -> Answer<$get_output> {
            let input = request.input;
            let kept: $document =
                kept(context, &input.bucket, &named($name, &input.id))?.ok_or_else(|| none(&input.bucket))?;
            done($get_output { $member: Some(kept) })
        }

        pub(in crate::s3) async fn $delete(
            context: &Context,
            request: S3Request<$delete_input>,
        ) -> Answer<$delete_output> {
            let input = request.input;
            let name = named($name, &input.id);
            if super::text(context, &input.bucket, &name)?.is_none() {
                return Err(none(&input.bucket));
            }
            set(context, &input.bucket, &name, None)?;
            done($delete_output::default())
        }

        pub(in crate::s3) async fn $list(context: &Context, request: S3Request<$list_input>) -> Answer<$list_output> {
            let kept: Vec<$document> = all(context, &request.input.bucket, &named($name, ""))?
                .iter()
                .map(|text| read(text))
                .collect::<Result<_, _>>()?;
            done($list_output {
                $members: Some(kept).filter(|kept| !kept.is_empty()),
                is_truncated: Some(false),
                ..$list_output::default()
            })
        }
    };
}

identified!("analytics", put_analytics, get_analytics, delete_analytics, list_analytics, AnalyticsConfiguration,
    analytics_configuration, analytics_configuration_list,
    PutBucketAnalyticsConfigurationInput -> PutBucketAnalyticsConfigurationOutput,
    GetBucketAnalyticsConfigurationInput -> GetBucketAnalyticsConfigurationOutput,
    DeleteBucketAnalyticsConfigurationInput -> DeleteBucketAnalyticsConfigurationOutput,
    ListBucketAnalyticsConfigurationsInput -> ListBucketAnalyticsConfigurationsOutput);
identified!("inventory", put_inventory, get_inventory, delete_inventory, list_inventory, InventoryConfiguration,
    inventory_configuration, inventory_configuration_list,
    PutBucketInventoryConfigurationInput -> PutBucketInventoryConfigurationOutput,
    GetBucketInventoryConfigurationInput -> GetBucketInventoryConfigurationOutput,
    DeleteBucketInventoryConfigurationInput -> DeleteBucketInventoryConfigurationOutput,
    ListBucketInventoryConfigurationsInput -> ListBucketInventoryConfigurationsOutput);
identified!("metrics", put_metrics, get_metrics, delete_metrics, list_metrics, MetricsConfiguration,
    metrics_configuration, metrics_configuration_list,
    PutBucketMetricsConfigurationInput -> PutBucketMetricsConfigurationOutput,
    GetBucketMetricsConfigurationInput -> GetBucketMetricsConfigurationOutput,
    DeleteBucketMetricsConfigurationInput -> DeleteBucketMetricsConfigurationOutput,
    ListBucketMetricsConfigurationsInput -> ListBucketMetricsConfigurationsOutput);
identified!("intelligent-tiering", put_tiering, get_tiering, delete_tiering, list_tiering,
    IntelligentTieringConfiguration, intelligent_tiering_configuration, intelligent_tiering_configuration_list,
    PutBucketIntelligentTieringConfigurationInput -> PutBucketIntelligentTieringConfigurationOutput,
    GetBucketIntelligentTieringConfigurationInput -> GetBucketIntelligentTieringConfigurationOutput,
    DeleteBucketIntelligentTieringConfigurationInput -> DeleteBucketIntelligentTieringConfigurationOutput,
    ListBucketIntelligentTieringConfigurationsInput -> ListBucketIntelligentTieringConfigurationsOutput);

fn named(kind: &str, id: &str) -> String {
    format!("{kind}/{id}")
}

fn all(context: &Context, bucket: &str, prefix: &str) -> Result<Vec<String>, Refusal> {
    context.store.look(|index| Ok(index.bucket(bucket)?.settings(prefix).map(str::to_owned).collect()))
}

fn none(bucket: &str) -> Refusal {
    missing("NoSuchConfiguration", "The specified configuration does not exist.", bucket)
}

/// The id of the address is that of the document.
fn check_id(asked: &str, document: &str) -> Result<(), Refusal> {
    if asked == document { Ok(()) } else { Err(Refusal::malformed_xml()) }
}
