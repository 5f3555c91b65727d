//! CloudWatch behind the port that reads metrics.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::metrics::{GetMetricData, MetricQuery, Stretch, Values};

const OPERATION: &str = "GetMetricData";

/// The most queries of one request
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>).
const MOST_QUERIES: usize = 500;

/// CloudWatch's metrics over its SDK client.
#[derive(Debug, Clone)]
pub struct AwsMetrics {
    client: Client,
}

impl AwsMetrics {
    /// Over a client of [`super::cloudwatch()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    async fn read(&self, queries: &[MetricQuery], stretch: Stretch, into: &mut [Values]) -> Result<(), CallError> {
        let period = i32::try_from(stretch.period.as_secs()).unwrap_or(i32::MAX);
        let asked = queries.iter().enumerate().map(|(number, query)| to_sdk(number, query, period));
        let request = self.client.get_metric_data().set_metric_data_queries(Some(asked.collect()));
        let request = request.start_time(time(stretch.from)).end_time(time(stretch.to));
        let mut pages = request.scan_by(ScanBy::TimestampAscending).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| translate(OPERATION, error))?;
            for result in page.metric_data_results.unwrap_or_default() {
                let number = result.id.as_deref().and_then(|id| id.strip_prefix('q')?.parse::<usize>().ok());
                if let Some(values) = number.and_then(|number| into.get_mut(number)) {
                    absorb(values, &result);
                }
            }
        }
        Ok(())
    }
}

impl GetMetricData for AwsMetrics {
    async fn get_metric_data(&self, queries: &[MetricQuery], stretch: Stretch) -> Result<Vec<Values>, CallError> {
        let mut found: Vec<Values> = queries.iter().map(|_| Some(BTreeMap::new())).collect();
        for (queries, found) in queries.chunks(MOST_QUERIES).zip(found.chunks_mut(MOST_QUERIES)) {
            self.read(queries, stretch, found).await?;
        }
        Ok(found)
    }
}

fn to_sdk(number: usize, query: &MetricQuery, period: i32) -> MetricDataQuery {
    let dimensions = query.dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build());
    let metric = Metric::builder()
        .namespace(&query.namespace)
        .metric_name(&query.name)
        .set_dimensions(Some(dimensions.collect()))
        .build();
    let stat = MetricStat::builder().metric(metric).period(period).stat(&query.statistic).build();
    MetricDataQuery::builder().id(format!("q{number}")).metric_stat(stat).build()
}

/// Adds a page's points. A result that CloudWatch could not make has none, and neither has then the query.
fn absorb(values: &mut Values, result: &MetricDataResult) {
    if matches!(result.status_code, Some(StatusCode::InternalError | StatusCode::Forbidden)) {
        *values = None;
    }
    if let Some(values) = values {
        let points = result.timestamps().iter().zip(result.values());
        values.extend(points.filter_map(|(at, value)| Some((timestamp(at)?, *value))));
    }
}

fn time(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_second())
}
