//! The status that post-traffic reports to CodeDeploy about the public URL, in a small world.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use post_traffic::run_checks;
use serde_json::{Value, json};
use slipway_shared::fakes::{Fault, Faulty, PublicSite, World};
use slipway_shared::hook::LifecycleEvent::AfterAllowTraffic;
use slipway_shared::hook::{CallPublicUrl, HookStatus, Record, run_hook};

const URL: &str = "https://api.example.com";

fn suite() -> Value {
    json!({"public": [
        {"name": "health", "path": "/health", "expect": {"status": 200, "body": {"status": "ok"}}},
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

async fn judged<X: CallPublicUrl + Send + Sync + 'static>(world: &World, probe: X) -> (HookStatus, Record) {
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
async fn a_connection_that_fails_twice_is_tried_again() {
    let site = site();
    site.go_down_for(2);
    let (status, _) = judged(&world(), site.clone()).await;
    assert_eq!(status, HookStatus::Succeeded);
    assert_eq!(site.requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_public_url_that_does_not_answer_fails() {
    let site = site();
    site.go_down_for(100);
    let (status, record) = judged(&world(), site.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "failed"));
    assert!(record.reasons[0].starts_with(r#"check "health": the public URL does not answer"#), "{record:?}");
    assert_eq!(site.requests().len(), 3 + 1, "what changes something is not sent twice");
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
    assert!(record.reasons[0].starts_with("there is no public URL at"), "{record:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_made_is_an_error_of_the_gate() {
    let probe = Faulty::new(site()).failing("public request", [Fault::Unexpected]);
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
