//! Conditional requests: the conditions that must hold before an object is read or written.

use s3s::dto::{ETag, ETagCondition, Timestamp as Said};

use crate::core::Timestamp;
use crate::s3::dates;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Object, Version};

/// The conditions of a read, or of the source of a copy.
#[derive(Debug, Default)]
pub(in crate::s3) struct Reading {
    pub(in crate::s3) matching: Option<ETagCondition>,
    pub(in crate::s3) not_matching: Option<ETagCondition>,
    pub(in crate::s3) modified_since: Option<Said>,
    pub(in crate::s3) unmodified_since: Option<Said>,
}

/// The names that an error calls the conditions of a read by.
const READING: [&str; 4] = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];
/// The names that an error calls the conditions of a source by.
const SOURCE: [&str; 4] = [
    "x-amz-copy-source-If-Match",
    "x-amz-copy-source-If-None-Match",
    "x-amz-copy-source-If-Modified-Since",
    "x-amz-copy-source-If-Unmodified-Since",
];

impl Reading {
    /// Refuses an object that the conditions exclude: an entity tag that matches outweighs a date, as RFC 9110 has it.
    pub(in crate::s3) fn check(&self, version: &Version, object: &Object) -> Result<(), Refusal> {
        match self.failed(version.at, &object.etag) {
            None => Ok(()),
            Some(failed @ (1 | 2)) => Err(Refusal::new("NotModified", 304, "Not Modified")
                .with("Condition", READING[failed])
                .with_header("etag", format!("\"{}\"", object.etag))
                .with_header("last-modified", http_date(version.at))),
            Some(failed) => Err(Refusal::precondition(READING[failed])),
        }
    }

    /// Refuses a source of a copy that the conditions exclude: there is no "not modified" then.
    pub(in crate::s3) fn check_source(&self, version: &Version, object: &Object) -> Result<(), Refusal> {
        match self.failed(version.at, &object.etag) {
            None => Ok(()),
            Some(failed) => Err(Refusal::precondition(SOURCE[failed])),
        }
    }

    /// The condition that does not hold, by its place in the names.
    fn failed(&self, at: Timestamp, etag: &str) -> Option<usize> {
        let at = dates::said(at);
        match (&self.matching, &self.unmodified_since) {
            (Some(condition), _) if !matches(condition, etag) => return Some(0),
            (None, Some(since)) if at > *since => return Some(3),
            _ => {}
        }
        match (&self.not_matching, &self.modified_since) {
            (Some(condition), _) if matches(condition, etag) => Some(1),
            (None, Some(since)) if at <= *since => Some(2),
            _ => None,
        }
    }
}

fn matches(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(asked) => asked.value() == etag,
    }
}

fn http_date(at: Timestamp) -> String {
    let mut text = Vec::new();
    // Every time of the store is a date.
    let _ = dates::said(at).format(s3s::dto::TimestampFormat::HttpDate, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// The conditions of a write.
#[derive(Debug, Default)]
pub(in crate::s3) struct Writing {
    pub(in crate::s3) matching: Option<ETagCondition>,
    pub(in crate::s3) not_matching: Option<ETagCondition>,
}

impl Writing {
    /// Refuses conditions that a write cannot have.
    pub(in crate::s3) fn check_form(&self) -> Result<(), Refusal> {
        let header = match (&self.matching, &self.not_matching) {
            (Some(_), Some(_)) => "If-Match, If-None-Match",
            (Some(ETagCondition::Any), _) => "If-Match",
            (_, Some(ETagCondition::ETag(_))) => "If-None-Match",
            _ => return Ok(()),
        };
        let message = "A header you provided implies functionality that is not implemented";
        Err(Refusal::new("NotImplemented", 501, message).with("Header", header))
    }

    /// Refuses a write over an object that the conditions exclude.
    pub(in crate::s3) fn check(&self, key: &str, current: Option<&Object>) -> Result<(), Refusal> {
        match (&self.matching, current) {
            (Some(_), None) => return Err(Refusal::no_such_key(key)),
            (Some(condition), Some(object)) if !matches(condition, &object.etag) => {
                return Err(Refusal::precondition("If-Match"));
            }
            _ => {}
        }
        match (&self.not_matching, current) {
            (Some(condition), Some(object)) if matches(condition, &object.etag) => {
                Err(Refusal::precondition("If-None-Match"))
            }
            _ => Ok(()),
        }
    }
}

/// An entity tag for an answer.
pub(in crate::s3) fn tag(etag: &str) -> Option<ETag> {
    Some(ETag::Strong(etag.to_owned()))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn condition(etag: &str) -> Option<ETagCondition> {
        Some(ETagCondition::parse_http_header(etag.as_bytes()).unwrap())
    }

    fn date(seconds: i64) -> Option<Said> {
        Some(dates::said(Timestamp::from_millis(seconds * 1000)))
    }

    // RFC 9110, 13.2.2, and the two combinations that S3's documentation names.
    #[test_case(condition("\"a\""), None, None, date(1) => None; "a match outweighs a later change")]
    #[test_case(condition("\"b\""), None, None, date(9) => Some(0); "no match")]
    #[test_case(None, condition("\"a\""), date(1), None => Some(1); "the same tag outweighs a change since")]
    #[test_case(None, condition("\"b\""), date(9), None => None; "another tag outweighs no change since")]
    #[test_case(None, None, date(5), None => Some(2); "not changed since")]
    #[test_case(None, None, date(4), None => None; "changed since")]
    #[test_case(None, None, None, date(4) => Some(3); "changed although it must not")]
    #[test_case(condition("*"), condition("*"), None, None => Some(1); "anything matches an asterisk")]
    fn conditions_have_their_precedence(
        matching: Option<ETagCondition>,
        not_matching: Option<ETagCondition>,
        modified_since: Option<Said>,
        unmodified_since: Option<Said>,
    ) -> Option<usize> {
        let reading = Reading { matching, not_matching, modified_since, unmodified_since };
        reading.failed(Timestamp::from_millis(5_900), "a")
    }

    #[test]
    fn a_write_takes_an_asterisk_against_overwriting_and_a_tag_for_it() {
        let over = |etag| Writing { matching: None, not_matching: condition(etag) };
        assert!(over("*").check_form().is_ok() && over("\"a\"").check_form().is_err());
        let only = Writing { matching: condition("\"a\""), not_matching: None };
        assert_eq!(only.check("k", None).unwrap_err().code, "NoSuchKey");
    }
}
