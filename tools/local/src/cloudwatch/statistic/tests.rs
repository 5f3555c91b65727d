//! Statistics of a few values.

use test_case::test_case;

use super::bucket::DISTINCT_VALUES;
use super::*;

#[test]
fn percentiles_are_exact() {
    let mut bucket = Bucket::default();
    for value in (1..=100).rev() {
        bucket.add(f64::from(value), 1.0);
    }
    let read = |bucket: &mut Bucket, text: &str| bucket.read(text.parse().unwrap());
    assert_eq!(read(&mut bucket, "p99"), Some(99.0));
    assert_eq!(read(&mut bucket, "p50"), Some(50.0));
    assert_eq!(read(&mut bucket, "p100"), Some(100.0));
    assert_eq!(read(&mut bucket, "p0"), Some(1.0));
    assert_eq!(read(&mut bucket, "Average"), Some(50.5));
}

#[test]
fn a_full_bucket_keeps_its_sums_and_about_its_percentiles() {
    let mut bucket = Bucket::default();
    for value in 0..100_000 {
        bucket.add(f64::from(value), 1.0);
    }
    assert!(bucket.values.len() < 2 * DISTINCT_VALUES);
    assert_eq!(bucket.read(Statistic::SampleCount), Some(100_000.0));
    let median = bucket.read(Statistic::Percentile(50.0)).unwrap();
    assert!((median - 50_000.0).abs() < 500.0, "{median}");
}

#[test]
fn a_statistic_set_has_no_percentiles_unless_it_is_one_value() {
    let mut bucket = Bucket::default();
    bucket.add_set(3.0, 6.0, 2.0, 2.0);
    assert_eq!(bucket.read(Statistic::Percentile(50.0)), Some(2.0));
    bucket.add_set(2.0, 6.0, 1.0, 5.0);
    assert_eq!(bucket.read(Statistic::Percentile(50.0)), None);
    assert_eq!(bucket.read(Statistic::Average), Some(2.4));
}

#[test_case("tm90", 5.0; "the mean of nine tenths")]
#[test_case("TM(10%:90%)", 5.5; "the mean between two shares")]
#[test_case("IQM", 5.5; "the mean of the middle")]
#[test_case("tc80", 8.0; "the count of eight tenths")]
#[test_case("ts20", 3.0; "the sum of two tenths")]
#[test_case("wm90", 5.4; "the mean with the largest moved down")]
#[test_case("TC(2:5)", 3.0; "the count between two values")]
#[test_case("PR(:3)", 30.0; "the rank of a value")]
fn trimmed_statistics_are_computed(text: &str, expected: f64) {
    let mut bucket = Bucket::default();
    (1..=10).for_each(|value| bucket.add(f64::from(value), 1.0));
    let found = bucket.read(text.parse().unwrap()).unwrap();
    assert!((found - expected).abs() < 1e-9, "{found}");
}

#[test]
fn negative_values_have_no_percentiles() {
    let mut bucket = Bucket::default();
    bucket.add(-1.0, 1.0);
    assert_eq!((bucket.read(Statistic::Percentile(50.0)), bucket.read(Statistic::Sum)), (None, Some(-1.0)));
}

#[test_case("90"; "a number")]
#[test_case("p101"; "more than all")]
#[test_case("pinf"; "no number")]
#[test_case("TM(90%:10%)"; "bounds in the wrong order")]
#[test_case("PR(:)"; "no bounds")]
#[test_case("average"; "small letters")]
fn what_is_no_statistic_is_named(text: &str) {
    assert_eq!(text.parse::<Statistic>().unwrap_err(), text);
}
