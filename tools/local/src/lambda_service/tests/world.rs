//! A hub with Lambda, Logs and services that only remember what they were asked.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::super::execution::Limits;
use super::super::state::Lambda;
use crate::core::testing::{Fake, ask, with};
use crate::core::{Clock, Hub, Ids, PlaneIdentity, Reply, Service};
use crate::sts::testing::decided;
use crate::{iam, logs, sts};

const ROLE: &str = "arn:aws:iam::000000000000:role/runner";

/// The ground of a test: a hub, Lambda and fakes. Its files and processes go with it.
pub(super) struct World {
    pub(super) hub: Arc<Hub>,
    pub(super) lambda: Arc<Lambda>,
    pub(super) metrics: Arc<Fake>,
    pub(super) topics: Arc<Fake>,
    pub(super) bus: Arc<Fake>,
    pub(super) files: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.hub.processes.kill_all();
    }
}

impl World {
    /// A world with AWS's limits.
    pub(super) fn new() -> Self {
        Self::with(Limits::default())
    }

    /// A world with other limits. Its time runs a thousand times as fast as real time.
    pub(super) fn with(limits: Limits) -> Self {
        Self::made(limits, |_| Vec::new())
    }

    /// A world in which roles are looked at.
    pub(super) fn with_iam() -> Self {
        Self::made(Limits::default(), |hub| {
            let (directory, credentials) = (Arc::default(), Arc::default());
            vec![iam::service(hub, &directory), sts::service(hub, &directory, &credentials)]
        })
    }

    /// A world in which IAM decides every call but the plane's own.
    pub(super) fn guarded() -> Self {
        Self::made(Limits::default(), |hub| decided(hub).to_vec())
    }

    fn made(limits: Limits, more: impl FnOnce(&Arc<Hub>) -> Vec<Arc<dyn Service>>) -> Self {
        let files = tempfile::tempdir().unwrap();
        let hub = Hub::new(
            Clock::scaled(1000.0),
            Ids::seeded(1),
            PlaneIdentity::default(),
            "http://127.0.0.1:1".to_owned(),
            files.path().to_owned(),
        );
        let lambda = Lambda::start(&hub, limits);
        let metrics = Fake::quiet("monitoring", &["PutServiceMetricData"]);
        let topics = Fake::quiet("sns", &["Publish"]);
        let bus = Fake::new("events", |operation, _| match operation {
            "PutEvents" => Ok(json!({ "FailedEntryCount": 0 })),
            other => panic!("nobody asks events for {other}"),
        });
        let mut services: Vec<Arc<dyn Service>> = vec![
            super::super::with(&hub, Arc::clone(&lambda)),
            logs::service(&hub),
            Arc::clone(&metrics) as Arc<dyn Service>,
            Arc::clone(&topics) as Arc<dyn Service>,
            Arc::clone(&bus) as Arc<dyn Service>,
        ];
        services.extend(more(&hub));
        with(&hub, services);
        Self { hub, lambda, metrics, topics, bus, files }
    }

    pub(super) async fn ask(&self, operation: &str, input: Value) -> Reply {
        ask(&**self.hub.service("lambda").unwrap(), operation, input).await
    }

    pub(super) async fn done(&self, operation: &str, input: Value) -> Value {
        self.ask(operation, input).await.unwrap()
    }

    pub(super) async fn refused(&self, operation: &str, input: Value) -> (String, u16) {
        let error = self.ask(operation, input).await.unwrap_err();
        (error.code, error.status)
    }

    /// Creates the test function with these settings beside the usual ones.
    pub(super) async fn create(&self, name: &str, settings: Value) -> Value {
        self.done("CreateFunction", function(name, settings)).await
    }

    /// Makes a role that trusts a service.
    pub(super) async fn role(&self, name: &str, service: &str) {
        let statement = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
        let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust });
        self.hub.call("iam", "CreateRole", input).await.unwrap();
    }

    /// Invokes and reads the answer.
    pub(super) async fn invoke(&self, name: &str, event: Value) -> Answer {
        let input = json!({ "FunctionName": name, "Payload": STANDARD.encode(event.to_string()), "LogType": "Tail" });
        Answer(self.done("Invoke", input).await)
    }

    /// Every line of a function's log, in order.
    pub(super) async fn log(&self, function: &str) -> Vec<String> {
        let input = json!({ "logGroupName": format!("/aws/lambda/{function}") });
        let Ok(found) = self.hub.call("logs", "FilterLogEvents", input).await else { return Vec::new() };
        let events = found["events"].as_array().unwrap();
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Recorded values of a metric by its dimensions, written as `Name=Value,…`.
    pub(super) fn metric(&self, name: &str) -> BTreeMap<String, Vec<f64>> {
        let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for asked in self.metrics.asked() {
            for datum in
                asked.input["MetricData"].as_array().unwrap().iter().filter(|datum| datum["MetricName"] == name)
            {
                let set: Vec<String> = datum["Dimensions"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|d| format!("{}={}", d["Name"].as_str().unwrap(), d["Value"].as_str().unwrap()))
                    .collect();
                let counts = datum["Counts"].as_array().unwrap();
                for (value, count) in datum["Values"].as_array().unwrap().iter().zip(counts) {
                    let times = usize::try_from(count.as_u64().unwrap()).unwrap();
                    let value = value.as_f64().unwrap();
                    values.entry(set.join(",")).or_default().extend(std::iter::repeat_n(value, times));
                }
            }
        }
        values
    }

    /// A path for the function to leave marks at.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }
}

/// Waits until something shows, for as long as a slow machine may need.
pub(super) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("never happened: {what}"))
}

/// The answer to a synchronous invocation.
pub(super) struct Answer(Value);

impl Answer {
    pub(super) fn payload(&self) -> Value {
        serde_json::from_slice(&STANDARD.decode(self.0["Payload"].as_str().unwrap()).unwrap()).unwrap()
    }

    pub(super) fn failed(&self) -> bool {
        self.0["FunctionError"] == "Unhandled"
    }

    pub(super) fn version(&self) -> String {
        self.0["ExecutedVersion"].as_str().unwrap().to_owned()
    }

    pub(super) fn log(&self) -> String {
        String::from_utf8(STANDARD.decode(self.0["LogResult"].as_str().unwrap()).unwrap()).unwrap()
    }
}

/// The input that creates the test function.
pub(super) fn function(name: &str, settings: Value) -> Value {
    let mut input = json!({
        "FunctionName": name, "Role": ROLE, "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 30,
        "Code": { "ZipFile": package(&[("bootstrap", 0o755, &bootstrap())]) },
    });
    for (member, value) in settings.as_object().unwrap() {
        input[member] = value.clone();
    }
    input
}

/// The test's bootstrap, started by the Python that the tests find.
pub(super) fn bootstrap() -> String {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let python = std::env::split_paths(&paths)
        .map(|path| path.join("python3"))
        .find(|path| path.is_file())
        .expect("the tests need python3");
    format!("#!{} -SE\n{}", std::fs::canonicalize(python).unwrap().display(), include_str!("bootstrap.py"))
}

/// A zip of `(path, mode, text)`, in base64.
pub(super) fn package(files: &[(&str, u32, &str)]) -> String {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, mode, text) in files {
        zip.start_file(*path, SimpleFileOptions::default().unix_permissions(*mode)).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    STANDARD.encode(zip.finish().unwrap().into_inner())
}
