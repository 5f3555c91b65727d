//! Entity tags, and requests that depend on them.

use http::Method;
use http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use test_case::test_case;

use super::api::{Api, Ask, ask, delete, get, named, patch, put};

fn changes(path: &str) -> [Ask; 3] {
    [put(path, &named("Augusta")), patch(path, &named("Augusta")), delete(path)]
}

#[tokio::test]
async fn a_change_of_another_state_is_refused() {
    let api = Api::new();
    let path = api.created("Ada").await;
    api.send(put(&path, &named("Augusta"))).await;
    for change in changes(&path) {
        assert_eq!(api.status(change.header(IF_MATCH, "\"1\"")).await, 412);
    }
    assert_eq!(api.send(get(&path)).await.etag(), "\"2\"");
}

#[test_case("*")]
#[test_case("\"7\", \"1\"")]
#[tokio::test]
async fn a_change_of_the_state_that_is_happens(tags: &str) {
    for change in 0..3 {
        let api = Api::new();
        let path = api.created("Ada").await;
        let [put, patch, delete] = changes(&path).map(|ask| ask.header(IF_MATCH, tags));
        let answer = api.send([put, patch, delete][change].clone()).await;
        assert!(answer.status.is_success(), "{}", answer.status);
    }
}

#[tokio::test]
async fn if_none_match_protects_what_is_there() {
    let api = Api::new();
    let path = api.created("Ada").await;
    for tags in ["*", "\"1\""] {
        for change in changes(&path) {
            assert_eq!(api.status(change.header(IF_NONE_MATCH, tags)).await, 412);
        }
    }
}

#[test_case(Method::GET)]
#[test_case(Method::HEAD)]
#[tokio::test]
async fn who_has_it_already_gets_no_second_copy(method: Method) {
    let api = Api::new();
    let path = api.created("Ada").await;
    let answer = api.send(ask(method.clone(), &path).header(IF_NONE_MATCH, "W/\"1\"")).await;
    assert_eq!((answer.status.as_u16(), answer.etag(), answer.bytes.len()), (304, "\"1\"", 0));
    assert!(!answer.headers.contains_key(CONTENT_TYPE));
    api.send(put(&path, &named("Augusta"))).await;
    assert_eq!(api.status(ask(method.clone(), &path).header(IF_NONE_MATCH, "\"1\"")).await, 200);
    assert_eq!(api.status(ask(method, &path).header(IF_MATCH, "\"1\"")).await, 412);
}

/// RFC 9110, section 13.2.1: where there is nothing, there is nothing to compare.
#[tokio::test]
async fn what_is_gone_is_gone_whatever_is_demanded() {
    let api = Api::new();
    let path = api.created("Ada").await;
    api.send(delete(&path)).await;
    for ask in [get(&path), put(&path, &named("Ada")), patch(&path, &named("Ada")), delete(&path)] {
        assert_eq!(api.status(ask.header(IF_MATCH, "\"1\"")).await, 404);
    }
}

#[tokio::test]
async fn a_demand_that_cannot_be_read_is_never_ignored() {
    let api = Api::new();
    let path = api.created("Ada").await;
    for header in [IF_MATCH, IF_NONE_MATCH] {
        for change in changes(&path) {
            assert_eq!(api.status(change.header(header.clone(), "1")).await, 400);
        }
    }
}
