//! The rules for the names of buckets and regions.

use crate::s3::refusal::Refusal;

/// Beginnings that S3 keeps for itself.
const PREFIXES: [&str; 2] = ["xn--", "sthree-"];
/// Endings that S3 keeps for itself.
const SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/// Refuses names that no bucket may have. The library has checked length, characters and IP addresses already.
pub(super) fn check(name: &str) -> Result<(), Refusal> {
    let reserved =
        PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
    // A label begins and ends with a letter or a digit.
    let labels = name.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    if reserved || !labels || !s3s::path::check_bucket_name(name) {
        return Err(
            Refusal::new("InvalidBucketName", 400, "The specified bucket is not valid.").with("BucketName", name)
        );
    }
    Ok(())
}

/// True if this looks like the name of a region: `eu-central-1`, and S3's old `EU`.
pub(super) fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    name == "EU"
        || match parts.split_last() {
            Some((number, words)) => digits(number) && (2..=3).contains(&words.len()) && words.iter().all(letters),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("abc", true)]
    #[test_case("a.b-c.1", true)]
    #[test_case("a-.b", false)]
    #[test_case("a..b", false)]
    #[test_case("192.168.0.1", false)]
    #[test_case("xn--abc", false)]
    #[test_case("abc-s3alias", false)]
    #[test_case("Abc", false)]
    #[test_case("ab", false)]
    fn names_keep_to_the_rules(name: &str, legal: bool) {
        assert_eq!(check(name).is_ok(), legal);
    }

    #[test]
    fn regions_look_like_regions() {
        assert!(is_region("us-gov-west-1") && is_region("eu-west-1") && is_region("EU"));
        assert!(!is_region("nowhere") && !is_region("") && !is_region("eu-west-x"));
    }
}
