//! REST paths: which operation a path means, and the members that it holds.

use percent_encoding::percent_decode_str;

/// Members of a path by name, percent-decoded.
pub type PathMembers = Vec<(String, String)>;

/// The path of an operation: `/functions/{FunctionName}/versions`, with `{Name+}` for the rest of it, and the query that
/// tells it from operations with the same path.
#[derive(Debug)]
pub struct UriPattern {
    segments: Vec<Segment>,
    query: Vec<String>,
}

#[derive(Debug)]
enum Segment {
    Literal(String),
    Member(String),
    Rest(String),
}

impl UriPattern {
    /// Reads a path of a model.
    pub(super) fn new(uri: &str) -> Self {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let segments = path.trim_matches('/').split('/').filter(|text| !text.is_empty()).map(Segment::new).collect();
        Self { segments, query: query.split('&').filter(|text| !text.is_empty()).map(str::to_owned).collect() }
    }

    /// The number of fixed parts of the path and the query: of two patterns that match, the one that says more is meant.
    pub(super) fn literals(&self) -> usize {
        self.query.len() + self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count()
    }

    /// The members that `path` holds, if it is of this pattern.
    pub(super) fn matches(&self, path: &str, query: &str) -> Option<PathMembers> {
        if !self.query.iter().all(|wanted| query.split('&').any(|given| given == wanted)) {
            return None;
        }
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let given: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        let mut members = PathMembers::new();
        let mut place = 0;
        for segment in &self.segments {
            match segment {
                Segment::Rest(name) => {
                    members.push((name.clone(), decoded(&given.get(place..)?.join("/"))?));
                    return (place < given.len()).then_some(members);
                }
                Segment::Literal(text) if given.get(place) == Some(&text.as_str()) => {}
                Segment::Literal(_) => return None,
                Segment::Member(name) => {
                    members.push((name.clone(), decoded(given.get(place).filter(|text| !text.is_empty())?)?));
                }
            }
            place += 1;
        }
        (place == given.len()).then_some(members)
    }

    /// The path with its members filled in, for whoever asks as a client would. A member that is not there stays as it is.
    pub fn example(&self, member: impl Fn(&str) -> Option<String>) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(text) => path.push_str(text),
                Segment::Member(name) | Segment::Rest(name) => {
                    path.push_str(&member(name).unwrap_or_else(|| format!("{{{name}}}")))
                }
            }
        }
        if path.is_empty() {
            path.push('/');
        }
        if !self.query.is_empty() {
            path.push('?');
            path.push_str(&self.query.join("&"));
        }
        path
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            None => Self::Literal(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Rest(name.to_owned()),
                None => Self::Member(name.to_owned()),
            },
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_by_segment_and_are_decoded() {
        let pattern = UriPattern::new("/2015-03-31/functions/{FunctionName}/invocations");
        let members = pattern.matches("/2015-03-31/functions/arn%3Aaws%3Alambda/invocations", "").unwrap();
        assert_eq!(members, [("FunctionName".to_owned(), "arn:aws:lambda".to_owned())]);
        assert!(pattern.matches("/2015-03-31/functions/x", "").is_none());
        assert!(UriPattern::new("/a/").matches("/a", "").is_some());
        assert_eq!(UriPattern::new("/t/{Arn+}").matches("/t/a/b", "").unwrap()[0].1, "a/b");
        assert!(UriPattern::new("/x?list").matches("/x", "").is_none());
        assert!(UriPattern::new("/x?list").matches("/x", "a=1&list").is_some());
    }
}
