//! The operations of CloudWatch.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::core::{Driver, Hub, Input, Reply, Request, Service, ServiceError};

use super::alarm::{Alarms, Definition};
use super::dashboards::Dashboards;
use super::notify::{arn, notify};
use super::store::MetricStore;
use super::tags::{self, Tags};
use super::{alarms, dashboards, data, metrics, put};

/// CloudWatch metrics and alarms.
pub(super) struct CloudWatch {
    hub: Arc<Hub>,
    store: Arc<MetricStore>,
    alarms: Driver<Alarms>,
    tags: Mutex<Tags>,
    dashboards: Mutex<Dashboards>,
}

impl CloudWatch {
    /// The service; its engine begins to run.
    pub(super) fn start(hub: &Arc<Hub>) -> Self {
        let store = Arc::new(MetricStore::default());
        let acting = Arc::clone(hub);
        let alarms =
            Driver::start(Alarms::new(Arc::clone(&store), arn(hub, "")), hub.clock.clone(), move |transition| {
                notify(&acting, transition)
            });
        Self { hub: Arc::clone(hub), store, alarms, tags: Mutex::default(), dashboards: Mutex::default() }
    }

    fn run(&self, request: &Request) -> Reply {
        let (input, hub, now) = (&request.input, &*self.hub, self.hub.now());
        match request.operation.as_str() {
            "PutServiceMetricData" if request.caller.is_plane() => put::put(&self.store, input, now, true),
            "PutMetricData" => put::put(&self.store, input, now, false),
            "ListMetrics" => metrics::list(&self.store, input, now),
            "GetMetricStatistics" => metrics::statistics(&self.store, input),
            "GetMetricData" => data::get(&self.store, input),
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
            "PutDashboard" => dashboards::put(&mut self.dashboards(), input, now),
            "GetDashboard" => dashboards::get(&self.dashboards(), hub, input),
            "ListDashboards" => dashboards::list(&self.dashboards(), hub, input),
            "DeleteDashboards" => dashboards::delete(&mut self.dashboards(), input),
            other => Err(ServiceError::not_implemented("monitoring", other)),
        }
    }

    fn put_alarm(&self, input: &Input, definition: Definition) -> Reply {
        let (name, is_new) =
            (definition.name.clone(), self.alarms.read(|engine| engine.get(&definition.name).is_none()));
        let tags = tags::read(input)?;
        let reply = alarms::put(&self.alarms, definition)?;
        // Tags that come with an alarm that exists are ignored, as AWS does.
        if is_new {
            self.tags().put(&arn(&self.hub, &name), tags)?;
        }
        Ok(reply)
    }

    fn tag(&self, request: &Request) -> Reply {
        let (arn, name) = tags::alarm_name(&request.input)?;
        // Of an alarm that does not exist there are no tags, as AWS answers; only a change is refused.
        if request.operation == "ListTagsForResource" {
            return Ok(self.tags().list(arn));
        }
        if self.alarms.read(|engine| engine.get(name).is_none()) {
            let error = ServiceError::new("ResourceNotFoundException", "").with_status(404);
            return Err(error.with_member("ResourceType", "alarm").with_member("ResourceId", name));
        }
        match request.operation.as_str() {
            "TagResource" => self.tags().put(arn, tags::read(&request.input)?)?,
            _ => self.tags().remove(arn, &request.input.strings("TagKeys")),
        }
        tags::done()
    }

    fn dashboards(&self) -> std::sync::MutexGuard<'_, Dashboards> {
        self.dashboards.lock().unwrap_or_else(PoisonError::into_inner)
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
