//! CloudWatch metrics as a judge reads them: several statistics over the same time, period by period.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use crate::call::CallError;

/// A statistic of a metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricQuery {
    /// The namespace, such as `AWS/Lambda`.
    pub namespace: String,
    /// The metric's name.
    pub name: String,
    /// Names and values of all its dimensions: CloudWatch adds up none.
    pub dimensions: Vec<(String, String)>,
    /// The statistic, such as `Sum`, `p90`, or `TC(:150)`, the count of the values up to 150
    /// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>).
    pub statistic: String,
}

/// The stretch of time that is asked for: whole periods, the end left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The beginning of the first period.
    pub from: Timestamp,
    /// The end of the last period.
    pub to: Timestamp,
    /// The length of a period: a whole number of minutes.
    pub period: Duration,
}

/// The values of a query by the beginnings of their periods. A period without data is not there. `None` if CloudWatch did not answer
/// the query, though it answered the request.
pub type Values = Option<BTreeMap<Timestamp, f64>>;

/// `cloudwatch:GetMetricData`.
pub trait GetMetricData {
    /// The values of each query, in the queries' order. Reads all pages.
    fn get_metric_data(
        &self,
        queries: &[MetricQuery],
        stretch: Stretch,
    ) -> impl Future<Output = Result<Vec<Values>, CallError>> + Send;
}
