//! The suite of the manifest, run by the hook itself against the API as it is: a suite that cannot pass would stop every
//! deployment, and one that leaves contacts behind would fill the table.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use contacts_api::http::app;
use contacts_api::lambda::handle;
use contacts_api::settings::About;
use contacts_api::store::Memory;
use serde_json::{Value, json};
use slipway_shared::call::CallError;
use slipway_shared::fakes::World;
use slipway_shared::hook::LifecycleEvent::BeforeAllowTraffic;
use slipway_shared::hook::{Answer, Configuration, InvokeVersion, run_hook};
use slipway_shared::identity::{FunctionName, FunctionVersion};
use slipway_shared::ledger::Entry;
use slipway_shared::manifest::{ReadFile, ReadFileError, load};
use slipway_shared::template;
use slipway_tests::project_dir;

/// The suite that a release carries to the hooks.
fn suite() -> Result<Value> {
    let path = project_dir().join("slipway.yaml");
    let manifest = load(&Disk, path.to_str().context("the project's folder is no text")?).manifest?;
    let function = manifest.functions.get("ContactsApi").context("the manifest does not name ContactsApi")?;
    Ok(serde_json::to_value(&function.suite)?)
}

/// The files of the project.
struct Disk;

impl ReadFile for Disk {
    fn read_file(&self, path: &str) -> Result<Vec<u8>, ReadFileError> {
        fs::read(path).map_err(|_| ReadFileError::Missing(path.to_owned()))
    }
}

/// The API over a store in memory, invoked as Lambda would.
#[derive(Clone)]
struct Api(Router);

impl Api {
    fn new() -> Self {
        let about = About { commit: "c".into(), release: "r".into(), function_version: "2".into() };
        Self(app(Memory::default(), about))
    }

    async fn ask(&self, event: &Value) -> Result<Value> {
        Ok(serde_json::to_value(handle(&self.0, None, serde_json::from_value(event.clone())?).await?)?)
    }

    /// The number of contacts that the suite's owner has.
    async fn contacts_left(&self) -> Result<usize> {
        let event = json!({
            "version": "2.0", "rawPath": "/contacts",
            "requestContext": {"http": {"method": "GET"}, "authorizer": {"jwt": {"claims": {"sub": "slipway-suite"}}}},
        });
        let listed: Value = serde_json::from_str(self.ask(&event).await?["body"].as_str().unwrap_or_default())?;
        Ok(listed["contacts"].as_array().context("a list has no contacts")?.len())
    }
}

impl InvokeVersion for Api {
    async fn invoke_version(
        &self,
        _function: &FunctionName,
        _version: &FunctionVersion,
        event: &Value,
    ) -> Result<Answer, CallError> {
        let unexpected = |error: anyhow::Error| CallError::Unexpected { operation: "Invoke", source: error.into() };
        let payload = self.ask(event).await.map_err(unexpected)?.to_string().into_bytes();
        Ok(Answer { payload, executed_version: None, ..Answer::default() })
    }
}

/// The record of what the hook concludes.
async fn judged(suite: &Value, api: Api) -> Result<Entry> {
    let world = World::calling(BeforeAllowTraffic).with_suite(suite);
    for version in ["1", "2"] {
        world.functions.configured(version, Configuration::default());
    }
    let hook = world.hook_with(BeforeAllowTraffic, world.ports().with_functions(api));
    run_hook(&hook, World::invocation(), pre_traffic::run_checks).await?;
    world.recorded(BeforeAllowTraffic).context("no verdict was recorded")
}

#[test]
fn the_template_leads_the_hooks_to_it() -> Result<()> {
    let template = template::parse(&fs::read_to_string(project_dir().join("template.yaml"))?)?;
    let address = template.at("/Resources/ContactsApiSuite/Properties/Value/Fn::Sub").and_then(|value| value.as_str());
    ensure!(address == Some("s3://${ArtifactBucket}/${Manifest}#ContactsApi"), "{address:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn passes_the_api_and_leaves_nothing_behind() -> Result<()> {
    let api = Api::new();
    let record = judged(&suite()?, api.clone()).await?;
    ensure!(record.verdict == "passed" && record.checks.len() >= 9, "{record:?}");
    ensure!(api.contacts_left().await? == 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn leaves_nothing_behind_whichever_check_fails() -> Result<()> {
    let suite = suite()?;
    for position in 0..suite["checks"].as_array().map_or(0, Vec::len) {
        if suite["checks"][position]["kind"] != "invoke" {
            continue;
        }
        let mut broken = suite.clone();
        broken["checks"][position]["expect"]["statusCode"] = json!(999);
        let api = Api::new();
        let record = judged(&broken, api.clone()).await?;
        let name = &broken["checks"][position]["name"];
        ensure!(record.verdict == "failed" && record.reasons[0].contains(&name.to_string()), "{name}: {record:?}");
        ensure!(api.contacts_left().await? == 0, "{name}");
    }
    Ok(())
}
