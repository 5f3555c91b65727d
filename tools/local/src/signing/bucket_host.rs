//! The bucket that a host names.

/// The bucket that a host names: `bucket.s3.…` and `bucket.localhost`.
pub(crate) fn bucket_of_host(host: &str) -> Option<&str> {
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let bucket = match host.split_once(".s3.").or_else(|| host.split_once(".s3-")) {
        Some((bucket, zone)) if zone.ends_with("amazonaws.com") || zone == "localhost" => bucket,
        _ => host.strip_suffix(".localhost")?,
    };
    (bucket != "s3" && s3s::path::check_bucket_name(bucket)).then_some(bucket)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("b-1.s3.us-east-1.amazonaws.com", Some("b-1"))]
    #[test_case("b-1.s3.amazonaws.com:443", Some("b-1"))]
    #[test_case("a.b.localhost:4566", Some("a.b"))]
    #[test_case("b-1.s3.localhost", Some("b-1"))]
    #[test_case("s3.localhost:4566", None)]
    #[test_case("localhost:4566", None)]
    #[test_case("127.0.0.1:4566", None)]
    #[test_case("s3.us-east-1.amazonaws.com", None)]
    fn a_host_names_its_bucket(host: &str, bucket: Option<&str>) {
        assert_eq!(bucket_of_host(host), bucket);
    }
}
