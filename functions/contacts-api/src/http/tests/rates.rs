//! Tests of the rate of requests that each owner may make.

use std::num::NonZeroU32;

use http::header::RETRY_AFTER;

use super::api::{Api, eve, get, named, post};
use crate::store::Memory;

fn limited(per_second: u32) -> Api {
    Api::with(Memory::default(), |settings| settings.owner_requests_per_second = NonZeroU32::new(per_second))
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let api = limited(2);
    for _ in 0..2 {
        assert_eq!(api.status(get("/contacts")).await, 200);
    }
    let refused = api.send(post("/contacts", &named("Ada"))).await;
    assert_eq!((refused.status.as_u16(), refused.header(RETRY_AFTER)), (429, "1"));
    api.pass(500);
    assert_eq!(api.send(get("/contacts")).await.contacts(), Vec::<&str>::new());
    assert_eq!(api.status(get("/contacts")).await, 429);
}

#[tokio::test]
async fn one_owner_does_not_use_up_anothers_share() {
    let api = limited(1);
    assert_eq!(api.status(get("/contacts")).await, 200);
    assert_eq!(api.status(get("/contacts")).await, 429);
    assert_eq!(api.status(get("/contacts").of(eve())).await, 200);
}

#[tokio::test]
async fn who_is_nobody_and_what_belongs_to_nobody_is_not_counted() {
    let api = limited(1);
    for _ in 0..3 {
        assert_eq!(api.status(get("/contacts").by(None)).await, 401);
        assert_eq!(api.status(get("/health")).await, 200);
    }
}

#[tokio::test]
async fn nobody_is_limited_unless_it_is_set() {
    let api = Api::new();
    for _ in 0..1_000 {
        assert_eq!(api.status(get("/contacts?limit=1")).await, 200);
    }
}
