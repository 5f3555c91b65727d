//! The suite in `template.yaml` passes the API as it is: a suite that cannot pass would stop every deployment.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use contacts_api::http::app;
use contacts_api::lambda::handle;
use contacts_api::settings::About;
use contacts_api::store::Memory;
use slipway_shared::hook::{Suite, differences};
use slipway_shared::template;
use slipway_tests::project_dir;

/// What a standard parameter holds at most (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>).
const PARAMETER_LIMIT: usize = 4096;

fn suite_text() -> Result<String> {
    let template = template::parse(&fs::read_to_string(project_dir().join("template.yaml"))?)?;
    let text = template.at("/Resources/ContactsApiSuite/Properties/Value").and_then(|value| value.as_str());
    Ok(text.context("the template has no suite")?.to_owned())
}

#[test]
fn fits_into_a_standard_parameter() -> Result<()> {
    let length = suite_text()?.len();
    ensure!(length <= PARAMETER_LIMIT, "it has {length} bytes");
    Ok(())
}

#[tokio::test]
async fn passes_the_api_in_any_order() -> Result<()> {
    let suite = Suite::parse(&suite_text()?)?;
    ensure!(suite.checks.len() >= 5, "a smoke test has more checks");
    let about = About { commit: "c".into(), release: "r".into(), function_version: "1".into() };
    let app = app(Memory::default(), about);
    for check in suite.checks.iter().rev() {
        let reply = handle(&app, None, serde_json::from_value(check.event.clone())?).await?;
        let found = differences(&check.expect, &serde_json::to_value(reply)?);
        ensure!(found.is_empty(), "{}: {found:?}", check.name);
    }
    Ok(())
}
