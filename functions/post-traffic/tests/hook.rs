//! The status that post-traffic reports to CodeDeploy about the public URL, in a small world.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use post_traffic::run_checks;
use serde_json::{Value, json};
use slipway_shared::fakes::{Fault, Faulty, PublicSite, World};
use slipway_shared::hook::LifecycleEvent::AfterAllowTraffic;
use slipway_shared::hook::{CallPublicUrl, HookStatus, PublicAnswer, run_hook};
use slipway_shared::ledger::Entry;

const URL: &str = "https://api.example.com";

fn suite() -> Value {
    json!({"public": [
        {"name": "health", "path": "/health", "retries": 2, "expect": {"status": 200, "body": {"status": "ok"}}},
        {"name": "create", "method": "POST", "path": "/contacts", "body": {"name": "Ada"}, "expect": {"status": 201}},
    ]})
}

fn world() -> World {
    World::calling(AfterAllowTraffic).with_suite(&suite()).with_public_url(&format!("{URL}/"))
}

fn site() -> PublicSite {
    let site = PublicSite::default();
    site.serve("https://api.example.com/health", 200, &json!({"status": "ok"}));
    site.serve("https://api.example.com/contacts", 201, &json!({"id": "1"}));
    site
}

async fn judged<X: CallPublicUrl + Send + Sync + 'static>(world: &World, probe: X) -> (HookStatus, Entry) {
    let hook = world.hook_with(AfterAllowTraffic, world.ports().with_site(probe));
    run_hook(&hook, World::invocation(), run_checks).await.unwrap();
    let reports = world.codedeploy.reports(World::DEPLOYMENT);
    assert_eq!(reports.len(), 1);
    (reports[0].1, world.recorded(AfterAllowTraffic).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_public_url_that_answers_as_expected_passes() {
    let site = site();
    let (status, record) = judged(&world(), site.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Succeeded, "passed"));
    let requests = site.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[1].method.as_str(), &requests[1].body), ("POST", &Some(json!({"name": "Ada"}))));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_status_and_a_wrong_body_fail_with_exact_reasons() {
    let site = site();
    site.serve("https://api.example.com/health", 500, &json!({"status": "sick"}));
    let (status, record) = judged(&world(), site).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "failed"));
    assert_eq!(
        record.reasons,
        [
            r#"check "health": status: expected 200, got 500"#,
            r#"check "health": body.status: expected "ok", got "sick""#
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_fails_twice_is_tried_again_where_the_check_says_so() {
    let health = |retries: u32| json!({"public": [{"name": "health", "path": "/health", "retries": retries, "expect": {"status": 200}}]});
    for (retries, expected) in [(2, HookStatus::Succeeded), (1, HookStatus::Failed)] {
        let site = site();
        site.go_down_for(2);
        let world = World::calling(AfterAllowTraffic).with_suite(&health(retries)).with_public_url(URL);
        assert_eq!(judged(&world, site.clone()).await.0, expected);
        assert_eq!(site.requests().len(), retries as usize + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_public_url_that_does_not_answer_fails() {
    let site = site();
    site.go_down_for(100);
    let (status, record) = judged(&world(), site.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "failed"));
    assert!(record.reasons[0].starts_with(r#"check "health": the public URL does not answer"#), "{record:?}");
    assert_eq!(site.requests().len(), 3 + 1, "what asks for no retries is sent once");
}

#[tokio::test(start_paused = true)]
async fn without_public_checks_nothing_is_concluded() {
    let world = world().with_suite(&json!({"checks": []}));
    let (status, record) = judged(&world, site()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "inconclusive"));
    assert_eq!(record.reasons, ["the suite of fn holds no public checks"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_public_url_the_gate_errs() {
    let world = World::calling(AfterAllowTraffic).with_suite(&suite());
    let (status, record) = judged(&world, site()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    assert!(record.reasons[0].starts_with(r#"check "health": there is no public URL at"#), "{record:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_made_is_an_error_of_the_gate() {
    let probe = Faulty::new(site()).failing("public request", [Fault::Unexpected; 3]);
    let (status, record) = judged(&world(), probe).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
}

#[tokio::test(start_paused = true)]
async fn what_is_closed_may_be_so_in_more_than_one_way() {
    let suite = json!({"public": [{"name": "closed", "path": "/contacts", "expect": {"status": [401, 403]}}]});
    let world = || World::calling(AfterAllowTraffic).with_suite(&suite).with_public_url(URL);
    let site = site();
    let (status, record) = judged(&world(), site.clone()).await;
    assert_eq!(status, HookStatus::Failed);
    assert_eq!(record.reasons, [r#"check "closed": status: expected "one of 401, 403", got 201"#]);
    site.serve("https://api.example.com/contacts", 403, &json!({}));
    assert_eq!(judged(&world(), site).await.0, HookStatus::Succeeded);
}

fn answering(answer: PublicAnswer) -> PublicSite {
    let site = PublicSite::default();
    site.answer("https://api.example.com/a", answer);
    site
}

async fn reasons(check: Value, site: PublicSite) -> Vec<String> {
    let world = World::calling(AfterAllowTraffic).with_suite(&json!({"public": [check]})).with_public_url(URL);
    judged(&world, site).await.1.reasons
}

#[tokio::test(start_paused = true)]
async fn a_binary_answer_and_a_long_one_are_told_as_what_they_are() {
    let check = json!({"name": "a", "path": "/a", "expect": {"status": 200, "body": {"ok": true}}});
    let binary = PublicAnswer { status: 200, body: vec![0xff; 4], ..PublicAnswer::default() };
    assert_eq!(
        reasons(check.clone(), answering(binary)).await,
        [r#"check "a": body: the answer is binary (4 bytes, no UTF-8)"#]
    );
    let long = PublicAnswer { status: 200, body: vec![b'x'; 5 * 1024 * 1024], ..PublicAnswer::default() };
    let told = reasons(check.clone(), answering(long)).await;
    assert!(told[0].starts_with(r#"check "a": body: expected {"ok":true}, got the text "xxx"#), "{told:?}");
    let cut = PublicAnswer { status: 500, cut: Some("the answer broke off".into()), ..PublicAnswer::default() };
    let told = reasons(check, answering(cut)).await;
    assert_eq!(told, [r#"check "a": status: expected 200, got 500"#, r#"check "a": body: the answer broke off"#]);
}

#[tokio::test(start_paused = true)]
async fn headers_expressions_and_schemas_are_held_against_the_answer() {
    let check = json!({
        "name": "a", "path": "/a",
        "expect": {"status": 200, "headers": {"Cache-Control": "no-store"}},
        "jmespath": ["body.items[0].id == 'x'"],
        "schema": {"required": ["next"]},
    });
    let headers = vec![("cache-control".to_owned(), "max-age=60".to_owned())];
    let body = br#"{"items":[{"id":"y"}]}"#.to_vec();
    let told = reasons(check, answering(PublicAnswer { status: 200, headers, body, cut: None })).await;
    assert_eq!(
        told,
        [
            r#"check "a": headers.cache-control: expected "no-store", got "max-age=60""#,
            r#"check "a": jmespath[0]: body.items[0].id == 'x' is not true of the answer"#,
            r#"check "a": schema: body: "next" is a required property"#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_the_answer_or_is_followed() {
    let moved = |location: &str| PublicAnswer {
        status: 301,
        headers: vec![("location".to_owned(), location.to_owned())],
        ..PublicAnswer::default()
    };
    let site = || {
        let site = answering(moved("/b"));
        site.serve("https://api.example.com/b", 200, &json!({"ok": true}));
        site
    };
    let answer = json!({"name": "a", "path": "/a", "expect": {"status": 301, "headers": {"location": "/b"}}});
    assert!(reasons(answer, site()).await.is_empty());
    let follow =
        json!({"name": "a", "path": "/a", "redirects": "follow", "expect": {"status": 200, "body": {"ok": true}}});
    assert!(reasons(follow.clone(), site()).await.is_empty());
    assert_eq!(reasons(follow, answering(moved("/a"))).await, [r#"check "a": more than 10 redirects"#]);
}

#[tokio::test(start_paused = true)]
async fn the_log_of_the_version_is_searched_for_what_users_met() {
    let suite = json!({"public": [{"name": "quiet", "kind": "logs"}]});
    let world = World::calling(AfterAllowTraffic).with_suite(&suite);
    world.logs.add("1", "ERROR of the version before");
    assert_eq!(judged(&world, site()).await.0, HookStatus::Succeeded);
    let world = World::calling(AfterAllowTraffic).with_suite(&suite);
    world.logs.add("2", "thread 'main' panicked at src/main.rs:1");
    let (status, record) = judged(&world, site()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "failed"));
}

#[tokio::test(start_paused = true)]
async fn a_demand_on_a_certificate_is_never_met_without_one() {
    let check = |path: &str, tls: Value| json!({"name": "a", "path": path, "tls": tls, "expect": {"status": 200}});
    let site = || {
        let site = PublicSite::default();
        site.serve("http://api.example.com/a", 200, &json!({}));
        site.serve("https://api.example.com/a", 200, &json!({}));
        site
    };
    assert!(reasons(check("/a", json!({"minimumDays": 30})), site()).await.is_empty());
    let plain = reasons(check("http://api.example.com/a", json!({"minimumDays": 30})), site()).await;
    assert_eq!(plain, [r#"check "a": a URL without TLS has no certificate good for 30 days"#]);
    let unseen = reasons(check("/a", json!({"minimumDays": 30, "verify": false})), site()).await;
    let refused =
        "the suite cannot be used: /public/0/tls: a certificate that is not verified cannot be held to minimumDays";
    assert_eq!(unseen, [refused]);
}
