//! CloudWatch's alarms behind the hooks' port.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};

use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::hook::{Alarm, ReadAlarms};

/// `DescribeAlarms` takes at most so many names.
const NAMES: usize = 100;

/// Alarms over CloudWatch's SDK client.
#[derive(Debug, Clone)]
pub struct AwsAlarms {
    client: Client,
}

impl AwsAlarms {
    /// Over a client of [`super::cloudwatch()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl ReadAlarms for AwsAlarms {
    async fn read_alarms(&self, names: &[String]) -> Result<Vec<Alarm>, CallError> {
        let mut alarms = Vec::new();
        for some in names.chunks(NAMES) {
            let request = self.client.describe_alarms().set_alarm_names(Some(some.to_vec())).max_records(100);
            let request = request.alarm_types(AlarmType::MetricAlarm).alarm_types(AlarmType::CompositeAlarm);
            let output = request.send().await.map_err(|error| translate("DescribeAlarms", error))?;
            let metric = output.metric_alarms.unwrap_or_default().into_iter();
            alarms.extend(metric.filter_map(|alarm| {
                let since = alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp);
                let burns = alarm.state_value == Some(StateValue::Alarm);
                Some(Alarm { name: alarm.alarm_name?, burns, since: since.as_ref().and_then(timestamp) })
            }));
            let composite = output.composite_alarms.unwrap_or_default().into_iter();
            alarms.extend(composite.filter_map(|alarm| {
                let since = alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp);
                let burns = alarm.state_value == Some(StateValue::Alarm);
                Some(Alarm { name: alarm.alarm_name?, burns, since: since.as_ref().and_then(timestamp) })
            }));
        }
        Ok(alarms)
    }
}
