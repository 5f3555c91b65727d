//! The API over DynamoDB, as API Gateway sends requests: what a router over a store in memory cannot show.

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use contacts_api::http::app;
use contacts_api::lambda::handle;
use contacts_api::settings::About;
use serde_json::{Value, json};
use slipway_tests::eventually;

use super::started;

/// The API, asked by one owner.
struct Client<'a> {
    app: &'a Router,
    owner: &'a str,
}

struct Answer {
    status: u64,
    headers: Value,
    body: Value,
}

impl Client<'_> {
    async fn send(&self, method: &str, path: &str, headers: Value, body: Value) -> Result<Answer> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let event = json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": headers, "body": body.to_string(),
            "requestContext": {
                "http": {"method": method, "path": path}, "authorizer": {"jwt": {"claims": {"sub": self.owner}}},
            },
        });
        let reply = serde_json::to_value(handle(self.app, None, serde_json::from_value(event)?).await?)?;
        let body = reply["body"].as_str().map(serde_json::from_str).transpose()?.unwrap_or_default();
        let status = reply["statusCode"].as_u64().context("an answer without a status")?;
        Ok(Answer { status, headers: reply["headers"].clone(), body })
    }

    async fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, json!({}), Value::Null).await
    }

    async fn create(&self, key: &str, contact: Value) -> Result<Answer> {
        let headers = json!({"content-type": "application/json", "idempotency-key": key});
        self.send("POST", "/contacts", headers, contact).await
    }

    async fn patch(&self, path: &str, demand: Value, change: Value) -> Result<Answer> {
        let mut headers = json!({"content-type": "application/merge-patch+json"});
        if let (Some(headers), Some(demand)) = (headers.as_object_mut(), demand.as_str()) {
            headers.insert("if-match".to_owned(), json!(demand));
        }
        self.send("PATCH", path, headers, change).await
    }

    /// The given names of the contacts that are found, once any is: an index may be some moments behind.
    async fn found(&self, query: &str) -> Value {
        eventually("somebody is found", async || {
            let answer = self.get(&format!("/contacts?{query}")).await.ok()?;
            let contacts = answer.body["contacts"].as_array().filter(|contacts| !contacts.is_empty())?;
            Some(contacts.iter().map(|contact| contact["names"]["given"].clone()).collect())
        })
        .await
    }
}

fn about() -> About {
    About { commit: "c".into(), release: "r".into(), function_version: "1".into() }
}

fn path(created: &Answer) -> Result<String> {
    Ok(format!("/contacts/{}", created.body["id"].as_str().context("a contact without an identity")?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_sent_again_happen_once() -> Result<()> {
    let (plane, store) = started().await?;
    let app = app(store, about());
    let (ada, eve) = (Client { app: &app, owner: "ada" }, Client { app: &app, owner: "eve" });
    let contact = json!({"names": {"given": "Ada"}, "tags": ["poet"]});
    let same: Vec<_> = (0..3).map(|_| ada.create("k1", contact.clone())).collect();
    for answer in futures::future::try_join_all(same).await? {
        ensure!(answer.status == 201, "{}: {}", answer.status, answer.body);
    }
    ensure!(ada.get("/contacts").await?.body["contacts"].as_array().map(Vec::len) == Some(1));
    ensure!(ada.create("k1", json!({"names": {"given": "Eve"}})).await?.status == 422);
    ensure!(eve.create("k1", json!({"names": {"given": "Eve"}})).await?.status == 201);
    ensure!(eve.found("sort=name").await == json!(["Eve"]));
    ensure!(ada.found("tag=PO").await == json!(["Ada"]));
    plane.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_that_meet_lose_no_update() -> Result<()> {
    let (plane, store) = started().await?;
    let app = app(store, about());
    let ada = Client { app: &app, owner: "ada" };
    let path = path(&ada.create("k1", json!({"names": {"given": "Ada"}})).await?)?;
    // Each round at least one of them succeeds, and none gives up within four.
    let writers = ["a", "b", "c", "d"];
    let changes = writers.map(|name| ada.patch(&path, Value::Null, json!({"custom": {name: name}, "tags": [name]})));
    for answer in futures::future::try_join_all(changes).await? {
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
    }
    let after = ada.get(&path).await?;
    ensure!(
        after.headers["etag"] == "\"5\"" && after.body["custom"] == json!({"a": "a", "b": "b", "c": "c", "d": "d"})
    );
    ensure!(ada.patch(&path, json!("\"4\""), json!({"title": "late"})).await?.status == 412);
    ensure!(ada.patch(&path, json!("\"5\""), json!({"title": "in time"})).await?.status == 200);
    // Of the four tags the last writer's is left, and it alone is found.
    let tag = after.body["tags"][0].as_str().context("no tag is left")?;
    ensure!(ada.found(&format!("tag={tag}")).await == json!(["Ada"]));
    for other in writers.iter().filter(|name| **name != tag) {
        ensure!(ada.get(&format!("/contacts?tag={other}")).await?.body["contacts"] == json!([]));
    }
    plane.shutdown().await;
    Ok(())
}
