//! `If-Match` and `If-None-Match` (RFC 9110, section 13).
//!
//! A contact's entity tag is its revision, `"<number>"`, always strong. The tags are read here and not with the `headers` crate: that
//! one asserts, in builds with debug assertions, that no client sends a tag with a space in it, and brings SHA-1 for other headers.

use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::error::ApiError;

/// The state of a contact that a client demands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// The decision on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The request is carried out.
    Proceed,
    /// The client has what it asks for.
    NotModified,
    /// The contact is in another state than the client demands.
    Failed,
}

#[derive(Debug, PartialEq, Eq)]
enum Tags {
    Any,
    Listed(Vec<Tag>),
}

#[derive(Debug, PartialEq, Eq)]
struct Tag {
    weak: bool,
    opaque: String,
}

/// The entity tag of a contact.
pub(super) fn etag(revision: u64) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{revision}\"")).ok()
}

impl Preconditions {
    /// The demands of the headers. A header that cannot be read is refused: ignoring it could lose another request's update.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        Ok(Self {
            if_match: tags(headers, &IF_MATCH, "if-match")?,
            if_none_match: tags(headers, &IF_NONE_MATCH, "if-none-match")?,
        })
    }

    /// For GET and HEAD.
    pub(super) fn judge_read(&self, revision: u64) -> Verdict {
        self.judge(revision, Verdict::NotModified)
    }

    /// For methods that change the contact.
    pub(super) fn judge_write(&self, revision: u64) -> Verdict {
        self.judge(revision, Verdict::Failed)
    }

    /// In the order of RFC 9110, section 13.2.2: `If-Match` compares strongly, `If-None-Match` weakly.
    fn judge(&self, revision: u64, when_known: Verdict) -> Verdict {
        let current = revision.to_string();
        if self.if_match.as_ref().is_some_and(|tags| !tags.have(&current, |tag| !tag.weak)) {
            Verdict::Failed
        } else if self.if_none_match.as_ref().is_some_and(|tags| tags.have(&current, |_| true)) {
            when_known
        } else {
            Verdict::Proceed
        }
    }
}

impl Tags {
    fn have(&self, current: &str, comparable: fn(&Tag) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|tag| comparable(tag) && tag.opaque == current),
        }
    }
}

fn tags(headers: &HeaderMap, header: &HeaderName, name: &'static str) -> Result<Option<Tags>, ApiError> {
    let mut listed = Vec::new();
    for value in headers.get_all(header) {
        let text = value.to_str().unwrap_or("?").trim();
        if text == "*" {
            return Ok(Some(Tags::Any));
        }
        read_list(text, &mut listed)
            .ok_or(ApiError::BadHeader { name, reason: "must be entity tags, such as \"3\", or *" })?;
    }
    Ok(headers.contains_key(header).then_some(Tags::Listed(listed)))
}

/// `[W/]"…"`, separated by commas; empty members are allowed (RFC 9110, section 5.6.1.2).
fn read_list(text: &str, tags: &mut Vec<Tag>) -> Option<()> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(());
        }
        let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (opaque, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        if opaque.contains([' ', '\t']) {
            return None;
        }
        tags.push(Tag { weak, opaque: opaque.to_owned() });
        rest = behind.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn judged(header: HeaderName, values: &[&'static str]) -> Option<(Verdict, Verdict)> {
        let headers = values.iter().map(|value| (header.clone(), HeaderValue::from_static(value))).collect();
        let preconditions = Preconditions::of(&headers).ok()?;
        Some((preconditions.judge_read(3), preconditions.judge_write(3)))
    }

    #[test_case(&["\"3\""] => Some((Verdict::Proceed, Verdict::Proceed)); "the state that is")]
    #[test_case(&["\"2\""] => Some((Verdict::Failed, Verdict::Failed)); "a state that was")]
    #[test_case(&["W/\"3\""] => Some((Verdict::Failed, Verdict::Failed)); "a weak tag never matches strongly")]
    #[test_case(&["\"1\" ,, \"3\""] => Some((Verdict::Proceed, Verdict::Proceed)); "one of a list")]
    #[test_case(&["\"1\"", "\"3\""] => Some((Verdict::Proceed, Verdict::Proceed)); "one of two headers")]
    #[test_case(&["*"] => Some((Verdict::Proceed, Verdict::Proceed)); "any state")]
    #[test_case(&[] => Some((Verdict::Proceed, Verdict::Proceed)); "no header")]
    #[test_case(&[""] => Some((Verdict::Failed, Verdict::Failed)); "no tag")]
    #[test_case(&["3"] => None; "no quotes")]
    #[test_case(&["\"3"] => None; "no end")]
    #[test_case(&["\"3\" \"4\""] => None; "no comma")]
    #[test_case(&["\"3 4\""] => None; "a space")]
    fn if_match_is_judged(values: &[&'static str]) -> Option<(Verdict, Verdict)> {
        judged(IF_MATCH, values)
    }

    #[test_case(&["\"3\""] => Some((Verdict::NotModified, Verdict::Failed)); "the state that is")]
    #[test_case(&["W/\"3\""] => Some((Verdict::NotModified, Verdict::Failed)); "a weak tag matches weakly")]
    #[test_case(&["\"2\", \"1\""] => Some((Verdict::Proceed, Verdict::Proceed)); "states that were")]
    #[test_case(&["*"] => Some((Verdict::NotModified, Verdict::Failed)); "any state")]
    #[test_case(&["what"] => None; "no tag at all")]
    fn if_none_match_is_judged(values: &[&'static str]) -> Option<(Verdict, Verdict)> {
        judged(IF_NONE_MATCH, values)
    }

    #[test]
    fn if_match_is_judged_first() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static("\"2\""));
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("\"3\""));
        assert_eq!(Preconditions::of(&headers).unwrap().judge_read(3), Verdict::Failed);
    }
}
