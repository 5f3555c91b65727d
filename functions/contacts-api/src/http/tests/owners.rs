//! No request reads or writes another owner's contact, on any route; and none without an owner reaches any.

use http::Method;
use http::header::{IF_MATCH, IF_NONE_MATCH, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use test_case::test_case;

use super::super::Caller;
use super::api::{Api, Ask, ask, delete, eve, get, named, patch, post, put};
use super::imports::import;

fn secret() -> Value {
    json!({
        "names": {"given": "Secret"}, "emails": [{"address": "secret@example.com"}],
        "phones": [{"number": "+441632960001"}], "tags": ["secret"],
    })
}

/// Every route for one contact, with each method and each demand.
fn attempts(path: &str) -> Vec<Ask> {
    let plain =
        || [get(path), ask(Method::HEAD, path), put(path, &named("Eve")), patch(path, &named("Eve")), delete(path)];
    let demands = [(IF_MATCH, "*"), (IF_MATCH, "\"1\""), (IF_NONE_MATCH, "\"1\""), (IF_NONE_MATCH, "\"2\"")];
    let conditional = demands.into_iter().flat_map(|(name, value)| plain().map(|ask| ask.header(name.clone(), value)));
    plain().into_iter().chain(conditional).collect()
}

#[tokio::test]
async fn nobody_reads_changes_or_removes_anothers_contact() {
    let api = Api::new();
    let created = api.send(post("/contacts", &secret())).await;
    let path = format!("/contacts/{}", created.body["id"].as_str().unwrap());
    let never = "/contacts/00000000000000000000000000";
    for (theirs, nobodys) in attempts(&path).into_iter().zip(attempts(never)) {
        let theirs = api.send(theirs.of(eve())).await;
        let nobodys = api.send(nobodys.of(eve())).await;
        // Not even that it exists.
        assert_eq!((theirs.status.as_u16(), &theirs.bytes), (404, &nobodys.bytes));
        assert_eq!(theirs.headers, nobodys.headers);
    }
    assert_eq!(api.send(get(&path)).await.body, created.body);
}

#[test_case("")]
#[test_case("sort=createdAt")]
#[test_case("sort=-createdAt")]
#[test_case("sort=updatedAt")]
#[test_case("sort=-updatedAt")]
#[test_case("sort=name")]
#[test_case("sort=-name")]
#[test_case("name=s")]
#[test_case("email=s")]
#[test_case("phone=4")]
#[test_case("tag=s")]
#[tokio::test]
async fn nobody_lists_or_finds_anothers_contacts(query: &str) {
    let api = Api::new();
    for _ in 0..3 {
        api.send(post("/contacts", &secret())).await;
    }
    let url = format!("/contacts?{query}");
    let own = api.send(get(&format!("{url}&limit=1"))).await;
    assert_eq!(own.contacts(), ["Secret"]);
    assert_eq!(api.send(get(&url).of(eve())).await.body, json!({"contacts": []}));
    // A cursor is no key: it says where, and the request says whose.
    let next = own.body["next"].as_str().unwrap();
    let stolen = api.send(get(&format!("{url}&cursor={next}")).of(eve())).await;
    assert_eq!(stolen.body, json!({"contacts": []}));
}

#[test_case("ndjson", "")]
#[test_case("csv", "/names/given,/names/family\r\n")]
#[test_case("vcf", "")]
#[tokio::test]
async fn nobody_exports_anothers_contacts(format: &str, nothing: &str) {
    let api = Api::new();
    let path = format!("/contacts/export?format={format}");
    for _ in 0..2 {
        api.send(post("/contacts", &secret())).await;
    }
    let own = api.send(get(&path)).await;
    assert!(String::from_utf8_lossy(&own.bytes).contains("secret@example.com"));
    assert_eq!(api.send(get(&path).of(eve())).await.bytes, nothing);
    let list = api.send(get("/contacts?limit=1")).await;
    let stolen = format!("{path}&cursor={}", list.body["next"].as_str().unwrap());
    assert_eq!(api.send(get(&stolen).of(eve())).await.bytes, nothing);
}

#[tokio::test]
async fn nobody_replays_anothers_request() {
    let api = Api::new();
    let first = api.send(post("/contacts", &secret()).key("k1")).await;
    let replayed = api.send(post("/contacts", &secret()).key("k1").of(eve())).await;
    assert_eq!(replayed.status.as_u16(), 201);
    assert_ne!(replayed.body["id"], first.body["id"]);
    let other = api.send(post("/contacts", &named("Mallory")).key("k2").of(eve())).await;
    assert_eq!(other.status.as_u16(), 201);
    assert_eq!(api.send(get("/contacts")).await.contacts(), ["Secret"]);
}

#[tokio::test]
async fn nobody_gives_away_a_contact() {
    let api = Api::new();
    let path = api.created("Ada").await;
    for (name, value) in [("owner", "subject:eve"), ("id", "00000000000000000000000000")] {
        let change = json!({"names": {"given": "Ada"}, name: value});
        for ask in [post("/contacts", &change), put(&path, &change), patch(&path, &change)] {
            let answer = api.send(ask).await;
            assert!(answer.status.as_u16() == 422 || answer.body["id"] != value, "{}", answer.status);
        }
    }
    assert_eq!(api.send(get("/contacts").of(eve())).await.body["contacts"], json!([]));
}

#[test_case(None, 401; "nobody")]
#[test_case(Some(Caller::Unnamed), 403; "somebody without a name")]
#[tokio::test]
async fn reaches_no_contact_without_an_owner(caller: Option<Caller>, status: u16) {
    let api = Api::new();
    let path = api.created("Ada").await;
    let all = [
        get("/contacts"),
        get("/contacts?name=a"),
        ask(Method::HEAD, "/contacts"),
        post("/contacts", &named("A")),
        get("/contacts/export"),
        ask(Method::HEAD, "/contacts/export"),
        import("application/x-ndjson", named("A").to_string()),
    ];
    for ask in all.into_iter().chain(attempts(&path)) {
        let answer = api.send(ask.by(caller.clone())).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header(WWW_AUTHENTICATE), if status == 401 { "Bearer" } else { "" });
    }
    assert_eq!(api.send(get("/contacts")).await.contacts(), ["Ada"]);
}
