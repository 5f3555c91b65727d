//! PATCH as RFC 7396 describes it.

use serde_json::{Value, json};
use test_case::test_case;

use super::api::{Api, get, patch, post};

async fn with_contact() -> (Api, String) {
    let api = Api::new();
    let contact = json!({
        "names": {"given": "Ada", "family": "Lovelace"}, "title": "Programmer", "tags": ["poet", "countess"],
        "custom": {"a": "1", "b": "2"}, "birthday": "1815-12-10",
    });
    let created = api.send(post("/contacts", &contact)).await;
    let path = format!("/contacts/{}", created.body["id"].as_str().unwrap());
    (api, path)
}

#[tokio::test]
async fn merges_members_and_replaces_arrays() {
    let (api, path) = with_contact().await;
    let change = json!({"names": {"nickname": "A.A.L."}, "title": null, "tags": ["poet"], "custom": {"b": null}});
    let patched = api.send(patch(&path, &change)).await;
    assert_eq!((patched.status.as_u16(), patched.etag()), (200, "\"2\""));
    assert_eq!(patched.body["names"], json!({"given": "Ada", "family": "Lovelace", "nickname": "A.A.L."}));
    assert_eq!(patched.body.get("title"), None);
    assert_eq!(patched.body["tags"], json!(["poet"]));
    assert_eq!(patched.body["custom"], json!({"a": "1"}));
    assert_eq!(patched.body["birthday"], "1815-12-10");
    assert_eq!(api.send(get(&path)).await.body, patched.body);
}

#[tokio::test]
async fn nobody_changes_what_is_read_only() {
    let (api, path) = with_contact().await;
    let before = api.send(get(&path)).await.body;
    let change = json!({"id": "x", "createdAt": "1970-01-01T00:00:00Z", "revision": 77, "owner": null});
    let after = api.send(patch(&path, &change)).await.body;
    assert_eq!((&after["id"], &after["createdAt"]), (&before["id"], &before["createdAt"]));
    assert_eq!(after["revision"], 2);
}

#[test_case(&json!({"names": null}), "/names"; "a required member cannot go")]
#[test_case(&json!({"names": {"given": null, "family": null}}), "/names"; "nor all of it")]
#[test_case(&json!({"emails": [{"address": "nowhere"}]}), "/emails/0/address"; "the outcome is validated")]
#[test_case(&json!({"custom": {"c": 3}}), "/custom/c"; "with pointers into the contact")]
#[test_case(&json!(["a"]), ""; "a patch that is no object replaces the contact")]
#[tokio::test]
async fn refuses_what_would_be_no_contact(change: &Value, pointer: &str) {
    let (api, path) = with_contact().await;
    let answer = api.send(patch(&path, change)).await;
    assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (422, &json!(pointer)));
    assert_eq!(api.send(get(&path)).await.etag(), "\"1\"");
}
