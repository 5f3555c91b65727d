//! The log of a hook: one line after the report, and never a word of its input.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::fakes::{Fault, World, is_alone};
use crate::hook::LifecycleEvent::BeforeAllowTraffic;
use crate::hook::{Case, Finding, judge, run_hook};

#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn logged(world: &World, payload: serde_json::Value) -> Vec<String> {
    let log = Log::default();
    let everything = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false);
    let _guard = everything.with_writer(log.clone()).set_default();
    let hook = world.hook(BeforeAllowTraffic);
    let checks = |case: Case<_>| async move {
        let differing = Finding::compared("health", &json!({"status": "ok"}), &json!({"status": "classified"}));
        case.run("health", async { differing }).await;
        judge(&case.notebook.evidence().outcomes)
    };
    let _ = run_hook(&hook, World::invocation_with(payload), checks).await;
    log.lines()
}

fn event() -> serde_json::Value {
    json!({"DeploymentId": World::DEPLOYMENT, "LifecycleEventHookExecutionId": World::TOKEN, "Extra": "classified"})
}

#[tokio::test(start_paused = true)]
async fn exactly_one_line_that_reads_alone() {
    if !is_alone().unwrap() {
        return;
    }
    let lines = logged(&World::calling(BeforeAllowTraffic), event()).await;
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    for part in [
        "hook reported",
        "deployment.id=\"d-ABC\"",
        "lifecycle.event=\"BeforeAllowTraffic\"",
        "function.name=\"fn\"",
        "function.version=\"2\"",
        "verdict.outcome=\"failed\"",
        "report.status=\"Failed\"",
        "checks.run=1",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[tokio::test(start_paused = true)]
async fn never_the_token_nor_an_answer() {
    if !is_alone().unwrap() {
        return;
    }
    let mut world = World::calling(BeforeAllowTraffic);
    world.ledger = world.ledger.failing("PutItem", [Fault::Denied]);
    world.deployments = world.deployments.failing("PutLifecycleEventHookExecutionStatus", [Fault::Unexpected]);
    let mut lines = logged(&world, event()).await;
    lines.extend(logged(&world, json!({"LifecycleEventHookExecutionId": World::TOKEN, "Extra": "classified"})).await);
    lines.extend(logged(&world, json!({"detail": event()})).await);
    assert!(lines.len() >= 4, "{lines:?}");
    for line in &lines {
        assert!(!line.contains(World::TOKEN) && !line.contains("classified"), "{line}");
    }
}
