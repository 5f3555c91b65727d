//! Contacts come, change and go; what else there is.

use http::Method;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use serde_json::json;
use test_case::test_case;

use super::api::{Api, ask, delete, get, named, patch, post, put};

#[tokio::test]
async fn creates_reads_replaces_and_removes_a_contact() {
    let api = Api::new();
    let body = json!({"names": {"given": "Ada"}, "emails": [{"address": "ada@example.com"}]});
    let created = api.send(post("/contacts", &body)).await;
    assert_eq!((created.status.as_u16(), created.etag()), (201, "\"1\""));
    let path = created.header(LOCATION);
    assert_eq!(created.body["createdAt"], created.body["updatedAt"]);

    let read = api.send(get(path)).await;
    assert_eq!((read.status.as_u16(), read.etag(), &read.body), (200, "\"1\"", &created.body));

    api.pass(1_000);
    let mut changed = read.body.clone();
    changed["names"]["family"] = json!("Lovelace");
    changed["emails"] = json!([]);
    let replaced = api.send(put(path, &changed)).await;
    assert_eq!((replaced.status.as_u16(), replaced.etag()), (200, "\"2\""));
    assert_eq!(replaced.body["names"], json!({"given": "Ada", "family": "Lovelace"}));
    assert_eq!((&replaced.body["emails"], &replaced.body["revision"]), (&json!([]), &json!(2)));
    assert_eq!((&replaced.body["id"], &replaced.body["createdAt"]), (&read.body["id"], &read.body["createdAt"]));
    assert_ne!(replaced.body["updatedAt"], read.body["updatedAt"]);
    assert_eq!(api.send(get(path)).await.body, replaced.body);

    let removed = api.send(delete(path)).await;
    assert_eq!((removed.status.as_u16(), removed.bytes.len()), (204, 0));
    for gone in [get(path), delete(path), put(path, &named("Ada")), patch(path, &named("Ada"))] {
        assert_eq!(api.status(gone).await, 404);
    }
}

#[test_case("/nowhere")]
#[test_case("/contacts/")]
#[test_case("/contacts/00000000000000000000000000")]
#[test_case("/contacts/not-a-ulid")]
#[tokio::test]
async fn answers_for_what_does_not_exist(path: &str) {
    assert_eq!(Api::new().status(get(path)).await, 404);
}

#[test_case("/contacts", "GET,HEAD,POST,OPTIONS")]
#[test_case("/contacts/00000000000000000000000000", "GET,HEAD,PUT,PATCH,DELETE,OPTIONS")]
#[test_case("/health", "GET,HEAD,OPTIONS")]
#[test_case("/version", "GET,HEAD,OPTIONS")]
#[tokio::test]
async fn says_which_methods_a_resource_has(path: &str, methods: &str) {
    let api = Api::new();
    let options = api.send(ask(Method::OPTIONS, path).by(None)).await;
    assert_eq!((options.status.as_u16(), options.header(ALLOW)), (204, methods));
    let refused = api.send(ask(Method::TRACE, path)).await;
    assert_eq!((refused.status.as_u16(), refused.header(ALLOW)), (405, methods));
}

#[tokio::test]
async fn says_which_patches_a_contact_takes() {
    let options = Api::new().send(ask(Method::OPTIONS, "/contacts/00000000000000000000000000")).await;
    assert_eq!(options.headers["accept-patch"], "application/merge-patch+json");
}

#[test_case("/health")]
#[test_case("/version")]
#[test_case("/contacts")]
#[test_case("a contact")]
#[test_case("/contacts/00000000000000000000000000")]
#[test_case("/contacts?limit=0")]
#[tokio::test]
async fn answers_head_as_get_without_the_body(path: &str) {
    let api = Api::new();
    let contact = api.created("Ada").await;
    let path = if path == "a contact" { contact.as_str() } else { path };
    let (get, head) = (api.send(get(path)).await, api.send(ask(Method::HEAD, path)).await);
    assert_eq!((head.status, head.bytes.len()), (get.status, 0));
    assert_eq!(head.header(CONTENT_LENGTH), get.bytes.len().to_string());
    assert_eq!((head.header(CONTENT_TYPE), head.etag()), (get.header(CONTENT_TYPE), get.etag()));
}

#[tokio::test]
async fn says_what_is_running() {
    let answer = Api::new().send(get("/version").by(None)).await;
    assert_eq!(answer.body["commit"], "c0ffee");
    assert_eq!(answer.body["release"], "sha256");
    assert_eq!(answer.body["functionVersion"], "7");
}

#[tokio::test]
async fn answers_health_checks() {
    assert_eq!(Api::new().status(get("/health").by(None)).await, 200);
}
