//! Everything the canary watch talks to, in memory, behind one fuse.

use std::time::Duration;

use canary_watch::{Did, Ports, Report, Settings, WatchError, handle};
use jiff::Timestamp;
use serde_json::json;
use slipway_shared::deployments::TrafficRouting;
use slipway_shared::fakes::{
    Functions, Fuse, Fused, HookFunctions, Ledger, Metrics, Notifications, Objects, Parameters, Shifts,
};
use slipway_shared::ledger::{Entry, Gate};
use slipway_shared::manifest::Inconclusive;
use slipway_shared::parameters::ParameterNames;

pub(crate) const ID: &str = "d-CANARY1";
pub(crate) const FUNCTION: &str = "api";
const RESOURCE: &str = "api:live";
const NAMESPACE: &str = "own";

/// A minute's requests of one version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traffic {
    pub(crate) requests: u32,
    pub(crate) failures: u32,
    pub(crate) errors: u32,
    /// Requests that take a second; the others take 20 ms.
    pub(crate) slow: u32,
}

/// Requests that all go well.
pub(crate) const fn well(requests: u32) -> Traffic {
    Traffic { requests, failures: 0, errors: 0, slow: 0 }
}

pub(crate) struct World {
    pub(crate) fuse: Fuse,
    pub(crate) shifts: Shifts,
    pub(crate) metrics: Metrics,
    pub(crate) ledger: Ledger,
    pub(crate) notifications: Notifications,
    pub(crate) parameters: Parameters,
    pub(crate) objects: Objects,
    pub(crate) functions: Functions,
    pub(crate) hooks: HookFunctions,
    pub(crate) settings: Settings,
    guarded: Guarded,
}

struct Guarded {
    shifts: Fused<Shifts>,
    metrics: Fused<Metrics>,
    ledger: Fused<Ledger>,
    notifications: Fused<Notifications>,
}

/// The time `minute` minutes after the shift began. It began with a minute.
pub(crate) fn at(minute: u64) -> Timestamp {
    "2026-11-20T10:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(60 * minute)
}

impl World {
    /// A canary of ten minutes has begun, after three quiet hours.
    pub(crate) fn with_canary() -> Self {
        let world = Self::empty();
        let interval = Duration::from_secs(600);
        world.shifts.begin(ID, FUNCTION, TrafficRouting::Canary { interval }, at(0));
        let dimensions = [("FunctionName", FUNCTION), ("Resource", RESOURCE)];
        for minute in 1..=100 {
            let before = at(0) - Duration::from_secs(60 * minute);
            world.metrics.put("AWS/Lambda", "Duration", &dimensions, before, 20.0, 95.0);
            world.metrics.put("AWS/Lambda", "Duration", &dimensions, before, 200.0, 5.0);
        }
        world
    }

    pub(crate) fn empty() -> Self {
        let fuse = Fuse::default();
        let (shifts, metrics) = (Shifts::default(), Metrics::default());
        let (ledger, notifications) = (Ledger::default(), Notifications::default());
        let guarded = Guarded {
            shifts: Fused::new(shifts.clone(), fuse.clone()),
            metrics: Fused::new(metrics.clone(), fuse.clone()),
            ledger: Fused::new(ledger.clone(), fuse.clone()),
            notifications: Fused::new(notifications.clone(), fuse.clone()),
        };
        let settings = Settings {
            names: ParameterNames::new(&"slipway".parse().unwrap(), &"production".parse().unwrap()),
            stage: "production".parse().unwrap(),
            stack: "slipway-production".into(),
            applications: "app".parse().unwrap(),
            ledger_table: "ledger".into(),
            topic_arn: "arn:aws:sns:eu-west-1:111122223333:releases".into(),
            metrics_namespace: Some(NAMESPACE.into()),
            inconclusive: Inconclusive::Stop,
        };
        Self {
            fuse,
            shifts,
            metrics,
            ledger,
            notifications,
            parameters: Parameters::default(),
            objects: Objects::default(),
            functions: Functions::default(),
            hooks: HookFunctions::default(),
            settings,
            guarded,
        }
    }

    /// What both versions did in each of these minutes.
    pub(crate) fn traffic(&self, minutes: std::ops::Range<u64>, current: Traffic, target: Traffic) {
        for minute in minutes {
            self.minute(minute, "1", current);
            self.minute(minute, "2", target);
        }
    }

    /// The same, of a function that counts nothing itself.
    pub(crate) fn lambda_traffic(&self, minutes: std::ops::Range<u64>, current: Traffic, target: Traffic) {
        for minute in minutes {
            self.lambda_minute(minute, "1", current);
            self.lambda_minute(minute, "2", target);
        }
    }

    /// What came of probes of both versions.
    pub(crate) fn probed(&self, minutes: std::ops::Range<u64>, current: Traffic, target: Traffic) {
        for minute in minutes {
            for (version, traffic) in [("1", current), ("2", target)] {
                let resource = format!("{FUNCTION}:{version}");
                let lambda = [("FunctionName", FUNCTION), ("Resource", resource.as_str())];
                self.metrics.put("AWS/Lambda", "Invocations", &lambda, at(minute), 1.0, traffic.requests.into());
                self.metrics.put("AWS/Lambda", "Errors", &lambda, at(minute), 1.0, traffic.errors.into());
                let own = [("Service", FUNCTION), ("Resource", resource.as_str()), ("ExecutedVersion", version)];
                self.metrics.put(NAMESPACE, "Requests", &own, at(minute), traffic.requests.into(), 1.0);
                self.metrics.put(NAMESPACE, "Failures", &own, at(minute), traffic.failures.into(), 1.0);
            }
        }
    }

    /// What users asked of the alias before a shift all at once in these minutes, and after it: Lambda tells no versions.
    pub(crate) fn alias_traffic(&self, before: Traffic, after: Traffic) {
        let dimensions = [("FunctionName", FUNCTION), ("Resource", RESOURCE)];
        for minute in 1..=10 {
            for (at, traffic, version) in
                [(at(0) - Duration::from_secs(60 * minute), before, "1"), (at(minute), after, "2")]
            {
                self.metrics.put("AWS/Lambda", "Invocations", &dimensions, at, 1.0, traffic.requests.into());
                self.metrics.put("AWS/Lambda", "Errors", &dimensions, at, 1.0, traffic.errors.into());
                let own = [("Service", FUNCTION), ("Resource", RESOURCE), ("ExecutedVersion", version)];
                self.metrics.put(NAMESPACE, "Requests", &own, at, traffic.requests.into(), 1.0);
                self.metrics.put(NAMESPACE, "Failures", &own, at, traffic.failures.into(), 1.0);
            }
        }
    }

    fn minute(&self, minute: u64, version: &str, traffic: Traffic) {
        self.lambda_minute(minute, version, traffic);
        let dimensions = [("Service", FUNCTION), ("Resource", RESOURCE), ("ExecutedVersion", version)];
        self.metrics.put(NAMESPACE, "Requests", &dimensions, at(minute), traffic.requests.into(), 1.0);
        self.metrics.put(NAMESPACE, "Failures", &dimensions, at(minute), traffic.failures.into(), 1.0);
    }

    fn lambda_minute(&self, minute: u64, version: &str, traffic: Traffic) {
        let dimensions = lambda_dimensions(version);
        let put = |name: &str, value: f64, times: u32| {
            self.metrics.put("AWS/Lambda", name, &dimensions, at(minute), value, times.into());
        };
        put("Invocations", 1.0, traffic.requests);
        put("Errors", 1.0, traffic.errors);
        put("Duration", 20.0, traffic.requests - traffic.slow);
        put("Duration", 1000.0, traffic.slow);
    }

    /// The schedule's event, `minute` minutes after the shift began.
    pub(crate) async fn tick(&self, minute: u64) -> Result<Report, WatchError> {
        let event = json!({ "source": "aws.events", "detail-type": "Scheduled Event", "time": at(minute).to_string() });
        handle(self, &self.settings, &event).await
    }

    /// What came of the one deployment at that minute.
    pub(crate) async fn did(&self, minute: u64) -> Did {
        let report = self.tick(minute).await.unwrap();
        assert_eq!(report.looked.len(), 1, "{report:?}");
        report.looked[0].did
    }

    pub(crate) fn entry(&self) -> Entry {
        self.ledger.entry(ID, Gate::AllowTraffic).unwrap()
    }
}

/// Looks every minute until something else than going on comes of it; says at which minute, and what.
pub(crate) async fn watched(world: &World) -> (u64, Did) {
    for minute in 1..=10 {
        let did = world.did(minute).await;
        if did != Did::Judged {
            return (minute, did);
        }
    }
    (10, Did::Judged)
}

pub(crate) fn lambda_dimensions(version: &str) -> [(&str, &str); 3] {
    [("FunctionName", FUNCTION), ("Resource", RESOURCE), ("ExecutedVersion", version)]
}

impl Ports for World {
    type Deployments = Fused<Shifts>;
    type Metrics = Fused<Metrics>;
    type Ledger = Fused<Ledger>;
    type Notifications = Fused<Notifications>;
    type Parameters = Parameters;
    type Objects = Objects;
    type Functions = Functions;
    type Hooks = HookFunctions;
    type Logs = HookFunctions;

    fn deployments(&self) -> &Self::Deployments {
        &self.guarded.shifts
    }

    fn metrics(&self) -> &Self::Metrics {
        &self.guarded.metrics
    }

    fn ledger(&self) -> &Self::Ledger {
        &self.guarded.ledger
    }

    fn notifications(&self) -> &Self::Notifications {
        &self.guarded.notifications
    }

    fn objects(&self) -> &Self::Objects {
        &self.objects
    }

    fn parameters(&self) -> &Self::Parameters {
        &self.parameters
    }

    fn functions(&self) -> &Self::Functions {
        &self.functions
    }

    fn hooks(&self) -> &Self::Hooks {
        &self.hooks
    }

    fn logs(&self) -> &Self::Logs {
        &self.hooks
    }
}
