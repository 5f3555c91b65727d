//! A client that takes no JSON is told so, before anything is done.

use http::Method;
use http::header::ACCEPT;

use super::api::{Api, ask, delete, get, named, patch, post, put};

#[tokio::test]
async fn who_takes_no_json_is_told_before_anything_is_done() {
    let api = Api::new();
    let path = api.created("Ada").await;
    for ask in [
        get("/contacts"),
        get(&path),
        get("/health"),
        get("/version"),
        ask(Method::HEAD, &path),
        post("/contacts", &named("Augusta")),
        put(&path, &named("Augusta")),
        patch(&path, &named("Augusta")),
    ] {
        assert_eq!(api.status(ask.header(ACCEPT, "text/html")).await, 406);
    }
    assert_eq!(api.send(get("/contacts")).await.contacts(), ["Ada"]);
}

#[tokio::test]
async fn an_answer_without_a_body_suits_everybody() {
    let api = Api::new();
    let path = api.created("Ada").await;
    assert_eq!(api.status(ask(Method::OPTIONS, &path).header(ACCEPT, "text/html")).await, 204);
    assert_eq!(api.status(delete(&path).header(ACCEPT, "text/html")).await, 204);
}
