//! Deployments that are judged by what the manifest of their release demands.

use canary_watch::Did;
use serde_json::{Value, json};
use slipway_shared::manifest::Inconclusive;
use slipway_shared::objects::ObjectLocation;
use test_case::test_case;

use crate::world::{FUNCTION, Traffic, World, at, watched, well};

const ADDRESS: &str = "s3://artifacts/manifests/0.json#Shop";

/// A canary whose release's manifest says this of the judge, for the application and for the function.
fn released(application: Option<Value>, function: Option<Value>) -> World {
    let mut shop = json!({"suite": {}});
    if let Some(judge) = function {
        shop["judge"] = judge;
    }
    let mut manifest = json!({"application": "shop", "functions": {"Shop": shop}});
    if let Some(judge) = application {
        manifest["judge"] = judge;
    }
    with_manifest(manifest.to_string())
}

fn judged_by(judge: Value) -> World {
    released(Some(judge), None)
}

fn with_manifest(text: String) -> World {
    let mut world = World::with_canary();
    world.objects =
        world.objects.clone().with(&ObjectLocation::new("artifacts", "manifests/0.json"), text.into_bytes());
    let name = world.settings.names.suite(FUNCTION);
    world.parameters = world.parameters.clone().with(&name, ADDRESS);
    world
}

/// One group for each metric.
fn metrics(metrics: &[Value]) -> Value {
    let group = |metric: &Value| json!({"name": metric["name"], "metrics": [metric]});
    json!({"groups": metrics.iter().map(group).collect::<Vec<_>>()})
}

fn with(mut judge: Value, member: &str, value: Value) -> Value {
    judge[member] = value;
    judge
}

fn errors() -> Value {
    json!({"name": "errors", "of": "errors"})
}

/// Three errors of the target in the third minute: more than chance by itself.
fn few_errors(world: &World) {
    world.traffic(0..10, well(900), well(100));
    world.traffic(2..3, well(0), Traffic { errors: 4, ..well(4) });
}

#[test_case(json!({"level": 0.4}), Did::Stopped, "failed"; "a level that is easily reached")]
#[test_case(json!({"level": 1e-9}), Did::Passed, "passed"; "a level that is not")]
#[test_case(json!({"level": 1e-9, "minimumRequests": 5000}), Did::Stopped, "inconclusive"; "more requests than came")]
#[test_case(json!({"level": 1e-9, "minimumRequests": 5000, "inconclusive": "pass"}), Did::Passed, "inconclusive"; "and a policy that lets on")]
#[tokio::test]
async fn the_judge_is_as_strict_as_the_manifest_says(judge: Value, did: Did, verdict: &str) {
    let world = judged_by(judge);
    few_errors(&world);
    assert_eq!(watched(&world).await.1, did, "{:?}", world.entry());
    assert_eq!((world.entry().verdict.as_str(), world.entry().manifest.as_deref()), (verdict, Some(ADDRESS)));
}

#[tokio::test]
async fn a_function_that_says_it_itself_is_not_judged_as_its_application_is() {
    let world = released(Some(json!({"level": 0.4})), Some(json!({"level": 1e-9})));
    few_errors(&world);
    assert_eq!(watched(&world).await.1, Did::Passed);
}

/// The manifest says nothing of it: the stage does.
#[test_case(Inconclusive::Stop, None, Did::Stopped)]
#[test_case(Inconclusive::Pass, None, Did::Passed)]
#[test_case(Inconclusive::Stop, Some("pass"), Did::Passed)]
#[test_case(Inconclusive::Pass, Some("stop"), Did::Stopped)]
#[tokio::test]
async fn too_little_is_dealt_with_by_the_manifest_or_else_by_the_stage(
    stage: Inconclusive,
    manifest: Option<&str>,
    did: Did,
) {
    let judge = metrics(&[errors()]);
    let mut world = judged_by(manifest.map_or(judge.clone(), |policy| with(judge, "inconclusive", json!(policy))));
    world.settings.inconclusive = stage;
    world.traffic(0..10, well(9), well(1));
    assert_eq!(watched(&world).await, (9, did));
    assert_eq!(world.entry().verdict, "inconclusive");
}

/// A metric that is worse by itself, in a group whose weight is a hundredth: it does not stop the release, and takes its part of the score.
fn one_that_is_worse(more: &[(&str, Value)], of_all: &[(&str, Value)]) -> World {
    let mut worse = errors();
    more.iter().for_each(|(member, value)| worse[*member] = value.clone());
    let mut judge = json!({"groups": [
        {"name": "a", "weight": 1.0, "metrics": [worse]},
        {"name": "b", "weight": 99.0, "metrics": [{"name": "throttles", "of": "throttles"}]},
    ]});
    of_all.iter().for_each(|(member, value)| judge[*member] = value.clone());
    let world = judged_by(judge);
    few_errors(&world);
    world
}

#[test_case(&[], &[], Did::Passed, 99.0; "weights make the score")]
#[test_case(&[], &[("pass", json!(99.5))], Did::Stopped, 99.0; "marginal is inconclusive")]
#[test_case(&[], &[("pass", json!(99.5)), ("inconclusive", json!("pass"))], Did::Passed, 99.0; "marginal may be let on")]
#[test_case(&[], &[("pass", json!(99.5)), ("marginal", json!(99.2)), ("inconclusive", json!("pass"))], Did::Stopped, 99.0; "less than marginal may not")]
#[test_case(&[("critical", json!(true))], &[], Did::Stopped, 0.0; "a critical metric leaves nothing")]
#[test_case(&[("critical", json!(true))], &[("inconclusive", json!("pass"))], Did::Stopped, 0.0; "and no policy lets it on")]
#[test_case(&[("tolerance", json!(1000.0))], &[("pass", json!(100))], Did::Passed, 100.0; "what is tolerated is no worse")]
#[tokio::test]
async fn the_last_verdict_is_the_score_beside_its_thresholds(
    metric: &[(&str, Value)],
    of_all: &[(&str, Value)],
    did: Did,
    score: f64,
) {
    let world = one_that_is_worse(metric, of_all);
    assert_eq!(watched(&world).await, (9, did), "{:?}", world.entry());
    assert!((world.entry().score.unwrap() - score).abs() < 1e-9, "{:?}", world.entry());
}

/// Orders that were refused, by the shop's own count.
fn orders(world: &World, minutes: std::ops::Range<u64>, version: &str, orders: u32, refused: u32) {
    let dimensions = [("Shop", "api in production"), ("Alias", "live"), ("Version", version)];
    for minute in minutes {
        world.metrics.put("shop", "Orders", &dimensions, at(minute), f64::from(orders), 1.0);
        world.metrics.put("shop", "Refused", &dimensions, at(minute), f64::from(refused), 1.0);
    }
}

fn refusals() -> Value {
    json!({
        "name": "refused orders", "of": "metric", "namespace": "shop", "bad": "Refused", "requests": "Orders",
        "dimensions": {"Shop": "${function} in ${stage}", "Alias": "${alias}"}, "versionDimension": "Version",
    })
}

#[tokio::test]
async fn any_metric_of_the_functions_own_stops_the_shift() {
    let world = judged_by(metrics(&[refusals(), errors()]));
    world.traffic(0..10, well(900), well(100));
    orders(&world, 0..10, "1", 450, 9);
    orders(&world, 0..10, "2", 50, 10);
    assert_eq!(watched(&world).await.1, Did::Stopped);
    let why = world.entry().reasons.join("; ");
    assert!(why.starts_with("refused orders: ") && why.contains(" bad of "), "{why}");
}

#[test_case("increase", Did::Passed)]
#[test_case("decrease", Did::Stopped)]
#[test_case("either", Did::Stopped)]
#[tokio::test]
async fn less_may_be_worse(direction: &str, did: Did) {
    let world = judged_by(metrics(&[with(refusals(), "direction", json!(direction)), errors()]));
    world.traffic(0..10, well(900), well(100));
    orders(&world, 0..10, "1", 450, 200);
    orders(&world, 0..10, "2", 50, 5);
    assert_eq!(watched(&world).await.1, did);
}

#[test_case(&[], "Nodata", Did::Passed; "it is left out of the score")]
#[test_case(&[("mustHaveData", json!(true))], "NodataFailMetric", Did::Stopped; "it must have data")]
#[test_case(&[("critical", json!(true))], "Nodata", Did::Stopped; "it is critical")]
#[tokio::test]
async fn a_named_metric_without_data_has_none(more: &[(&str, Value)], class: &str, did: Did) {
    let mut refusals = refusals();
    more.iter().for_each(|(member, value)| refusals[*member] = value.clone());
    let throttles = json!({"name": "throttles", "of": "throttles"});
    let world = judged_by(metrics(&[refusals, errors(), throttles]));
    world.traffic(0..10, well(900), well(100));
    assert_eq!(watched(&world).await, (9, did));
    let entry = world.entry();
    assert_eq!((entry.metrics[0].name.as_str(), entry.metrics[0].class.as_str()), ("refused orders", class));
    assert!(entry.notes.join("; ").contains("counts no Orders in the namespace shop"), "{:?}", entry.notes);
}

#[tokio::test]
async fn half_of_the_metrics_without_data_is_nothing() {
    let world = judged_by(metrics(&[refusals(), errors()]));
    world.traffic(0..10, well(900), well(100));
    assert_eq!(watched(&world).await, (9, Did::Stopped));
    assert_eq!((world.entry().verdict.as_str(), world.entry().score), ("inconclusive", Some(0.0)));
}

#[test_case(json!({"quantiles": [0.9]}), "duration>27ms"; "a quantile of what was usual")]
#[test_case(json!({"thresholds": ["500ms"]}), "duration>500ms"; "a fixed threshold")]
#[tokio::test]
async fn slow_requests_are_those_above_the_thresholds_that_are_named(more: Value, name: &str) {
    let mut duration = json!({"name": "duration", "of": "duration"});
    duration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let world = judged_by(metrics(&[duration, errors()]));
    world.traffic(0..10, Traffic { slow: 9, ..well(900) }, Traffic { slow: 30, ..well(100) });
    assert_eq!(watched(&world).await.1, Did::Stopped);
    let names: Vec<String> = world.entry().metrics.into_iter().map(|metric| metric.name).collect();
    assert_eq!(names, [name, "errors"]);
}

/// The target takes a second for one route, which is a tenth of its requests; the others are quick.
#[tokio::test]
async fn one_route_is_judged_by_its_own_durations() {
    let route = json!({
        "name": "lists", "of": "duration", "namespace": "shop", "metric": "Took", "unit": "s", "quantiles": [0.5],
        "dimensions": {"Function": "${resource}", "Route": "/orders"},
    });
    let world = judged_by(metrics(&[route, errors()]));
    world.traffic(0..10, well(900), well(100));
    let took = |version: &str, minute: u64, seconds: f64, times: f64| {
        let dimensions = [("Function", "api:live"), ("Route", "/orders"), ("ExecutedVersion", version)];
        world.metrics.put("shop", "Took", &dimensions, at(minute), seconds, times);
    };
    for minute in 0..10 {
        took("1", minute, 0.02, 18.0);
        took("2", minute, 0.17, 2.0);
        for before in 1..=10 {
            let dimensions = [("Function", "api:live"), ("Route", "/orders"), ("ExecutedVersion", "1")];
            let then = at(0) - std::time::Duration::from_secs(60 * (10 * minute + before));
            world.metrics.put("shop", "Took", &dimensions, then, 0.02, 2.0);
        }
    }
    assert_eq!(watched(&world).await.1, Did::Stopped);
    let why = world.entry().reasons.join("; ");
    assert!(why.starts_with("lists>27ms: ") && why.contains("0 of "), "{why}");
}

#[tokio::test]
async fn a_duration_without_a_history_has_no_data() {
    let route = json!({"name": "lists", "of": "duration", "namespace": "shop", "metric": "Took", "mustHaveData": true});
    let world = judged_by(metrics(&[route, errors()]));
    world.traffic(0..10, well(900), well(100));
    assert_eq!(watched(&world).await, (9, Did::Stopped));
    let entry = world.entry();
    assert_eq!((entry.metrics[0].name.as_str(), entry.metrics[0].class.as_str()), ("lists", "NodataFailMetric"));
    assert!(entry.notes[0].contains("too few durations before the shift"), "{:?}", entry.notes);
}

/// Worlds whose manifest is not known, and the reason that is told.
fn unreadable(how: &str) -> World {
    match how {
        "it is not there" => {
            let mut world = judged_by(json!({}));
            world.objects = slipway_shared::fakes::Objects::default();
            world
        }
        "it has faults" => judged_by(json!({"levle": 1})),
        "it is no JSON" => with_manifest("{".into()),
        "it does not name the function" => {
            with_manifest(json!({"application": "shop", "functions": {"Other": {"suite": {}}}}).to_string())
        }
        _ => {
            let mut world = World::with_canary();
            world.parameters = world.parameters.clone().with(&world.settings.names.suite(FUNCTION), "s3://artifacts");
            world
        }
    }
}

#[test_case("it is not there", "there is no suite at")]
#[test_case("it has faults", "there is no member \"levle\"")]
#[test_case("it is no JSON", "not JSON")]
#[test_case("it does not name the function", "does not name Shop")]
#[test_case("its address is none", "no address of an S3 object")]
#[tokio::test]
async fn nothing_passes_by_a_manifest_that_is_not_known(how: &str, why: &str) {
    let world = unreadable(how);
    assert_eq!(world.did(1).await, Did::Judged);
    assert!(world.entry().notes.join("; ").contains(why), "{:?}", world.entry().notes);
    world.traffic(0..10, well(900), well(100));
    assert_eq!(watched(&world).await, (9, Did::Stopped));
    let entry = world.entry();
    assert_eq!(entry.verdict, "inconclusive");
    assert!(
        entry.reasons.join("; ").contains("what the release's manifest demands is not known"),
        "{:?}",
        entry.reasons
    );
    let notes = entry.notes.join("; ");
    assert!(notes.contains("judged by the watch's own criteria") && notes.contains(why), "{notes}");
}

#[tokio::test]
async fn a_target_that_is_worse_is_stopped_whether_its_manifest_is_known_or_not() {
    let world = unreadable("it is not there");
    world.traffic(0..10, well(900), Traffic { failures: 30, ..well(100) });
    let (minute, did) = watched(&world).await;
    assert!(minute < 5 && did == Did::Stopped, "{minute} {did:?}");
    assert_eq!(world.entry().verdict, "failed");
}

/// A newer release may have changed the parameter before the shift of the older one is judged for the last time.
#[tokio::test]
async fn a_deployment_is_judged_to_its_end_by_the_manifest_of_its_first_look() {
    let mut world = judged_by(json!({"level": 1e-9}));
    few_errors(&world);
    assert_eq!(world.did(2).await, Did::Judged);
    let name = world.settings.names.suite(FUNCTION);
    world.parameters = world.parameters.clone().with(&name, "s3://artifacts/manifests/newer.json#Shop");
    assert_eq!(watched(&world).await, (9, Did::Passed));
    assert_eq!(world.entry().manifest.as_deref(), Some(ADDRESS));
}

/// Somebody else's pipeline gives the function a suite and no manifest.
#[tokio::test]
async fn a_suite_without_a_manifest_leaves_the_watchs_own_criteria() {
    let mut world = World::with_canary();
    world.parameters = world.parameters.clone().with(&world.settings.names.suite(FUNCTION), r#"{"checks": []}"#);
    world.traffic(0..10, well(900), well(100));
    assert_eq!(watched(&world).await, (9, Did::Passed));
    let names: Vec<String> = world.entry().metrics.into_iter().map(|metric| metric.name).collect();
    assert_eq!(names, ["failures", "errors", "throttles", "duration>27ms", "duration>225ms"]);
}
