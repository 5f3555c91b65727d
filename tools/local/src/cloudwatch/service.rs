//! The operations of CloudWatch.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::core::{Driver, Hub, Input, Reply, Request, Service, ServiceError};

use super::alarm::{Alarms, Definition};
use super::notify::{arn, notify};
use super::store::MetricStore;
use super::tags::{self, Tags};
use super::{alarms, metrics};

/// CloudWatch metrics and alarms.
pub(super) struct CloudWatch {
    hub: Arc<Hub>,
    store: Arc<MetricStore>,
    alarms: Driver<Alarms>,
    tags: Mutex<Tags>,
}

impl CloudWatch {
    /// The service; its engine begins to run.
    pub(super) fn start(hub: &Arc<Hub>) -> Self {
        let store = Arc::new(MetricStore::default());
        let acting = Arc::clone(hub);
        let alarms = Driver::start(Alarms::new(Arc::clone(&store)), hub.clock.clone(), move |transition| {
            notify(&acting, transition)
        });
        Self { hub: Arc::clone(hub), store, alarms, tags: Mutex::default() }
    }

    fn run(&self, request: &Request) -> Reply {
        let (input, hub, now) = (&request.input, &*self.hub, self.hub.now());
        match request.operation.as_str() {
            "PutServiceMetricData" if request.caller.is_plane() => metrics::put(&self.store, input, now, true),
            "PutMetricData" => metrics::put(&self.store, input, now, false),
            "ListMetrics" => metrics::list(&self.store, input, now),
            "GetMetricStatistics" => metrics::statistics(&self.store, input),
            "GetMetricData" => metrics::data(&self.store, input),
            "PutMetricAlarm" => self.put_alarm(input, Definition::metric(input)?),
            "PutCompositeAlarm" => self.put_alarm(input, Definition::composite(input)?),
            "DescribeAlarms" => alarms::describe(&self.alarms, hub, input),
            "DescribeAlarmsForMetric" => alarms::describe_for_metric(&self.alarms, hub, input),
            "DescribeAlarmHistory" => alarms::history(&self.alarms, input),
            "SetAlarmState" => alarms::set_state(&self.alarms, input),
            "EnableAlarmActions" => alarms::enable_actions(&self.alarms, input, true),
            "DisableAlarmActions" => alarms::enable_actions(&self.alarms, input, false),
            "DeleteAlarms" => {
                let reply = alarms::delete(&self.alarms, input)?;
                let mut tags = self.tags();
                input.strings("AlarmNames").iter().for_each(|name| tags.forget(&arn(hub, name)));
                Ok(reply)
            }
            "TagResource" | "UntagResource" | "ListTagsForResource" => self.tag(request),
            other => Err(ServiceError::not_implemented("monitoring", other)),
        }
    }

    fn put_alarm(&self, input: &Input, definition: Definition) -> Reply {
        let (name, is_new) =
            (definition.name.clone(), self.alarms.read(|engine| engine.get(&definition.name).is_none()));
        let reply = alarms::put(&self.alarms, definition)?;
        // Tags that come with an alarm that exists are ignored, as AWS does.
        if is_new {
            self.tags().put(&arn(&self.hub, &name), input.list("Tags"));
        }
        Ok(reply)
    }

    fn tag(&self, request: &Request) -> Reply {
        let (arn, name) = tags::alarm_name(&request.input)?;
        if self.alarms.read(|engine| engine.get(name).is_none()) {
            let error = ServiceError::new("ResourceNotFoundException", format!("There is no alarm named {name}"));
            return Err(error.with_status(404));
        }
        match request.operation.as_str() {
            "TagResource" => self.tags().put(arn, request.input.list("Tags")),
            "UntagResource" => self.tags().remove(arn, &request.input.strings("TagKeys")),
            _ => return Ok(self.tags().list(arn)),
        }
        tags::done()
    }

    fn tags(&self) -> std::sync::MutexGuard<'_, Tags> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service for CloudWatch {
    fn name(&self) -> &'static str {
        "monitoring"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        async move { self.run(&request) }.boxed()
    }
}
