//! The selection of the route that a request takes.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>: a full match comes first,
//! then the greedy variable with the longest path, then `$default`; a method of its own comes before `ANY`.
//!
//! Paths are compared as they are after decoding, and a slash at the end counts: `/pets/` is not `/pets`.

use std::collections::{BTreeMap, BTreeSet};

use super::errors::bad_request;
use crate::core::ServiceError;

const METHODS: &[&str] = &["ANY", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// A route key such as `GET /contacts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RouteKey {
    text: String,
    method: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

/// The fit of a route: more is better, compared from the first field on.
type Fit = (bool, usize, usize, bool);

impl RouteKey {
    /// Reads a key; `$default` takes what no other takes.
    pub(super) fn parse(text: &str) -> Result<Self, ServiceError> {
        if text == "$default" {
            let segments = vec![Segment::Greedy(String::new())];
            return Ok(Self { text: text.to_owned(), method: "ANY".to_owned(), segments });
        }
        Self::of_method_and_path(text).ok_or_else(|| {
            bad_request(
                "The provided route key is not formatted properly for HTTP protocol. Format should be \"<Method> \
                 /resource/path\" or \"$default\"",
            )
        })
    }

    fn of_method_and_path(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        let path = path.strip_prefix('/').filter(|_| METHODS.contains(&method))?;
        let segments = path.split('/').map(segment).collect::<Option<Vec<_>>>()?;
        let (last, before) = segments.split_last()?;
        let greedy_inside = before.iter().any(|segment| matches!(segment, Segment::Greedy(_)));
        // Only the last segment may be empty, where the path ends in a slash.
        let empty_inside = before.iter().any(|segment| *segment == Segment::Literal(String::new()));
        let names: Vec<&String> = before.iter().chain([last]).filter_map(Segment::variable).collect();
        let repeated = names.iter().collect::<BTreeSet<_>>().len() < names.len();
        let good = !greedy_inside && !empty_inside && !repeated;
        good.then(|| Self { text: text.to_owned(), method: method.to_owned(), segments })
    }

    /// The key as it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// True if this is `$default`.
    pub(super) fn is_default(&self) -> bool {
        self.text == "$default"
    }

    /// The path of the key without its method; `$default` by itself.
    pub(super) fn path(&self) -> &str {
        self.text.split_once(' ').map_or(&self.text, |(_, path)| path)
    }

    /// The fit of the request, and its path parameters; none if the key does not fit.
    fn fit(&self, method: &str, path: &str) -> Option<(Fit, BTreeMap<String, String>)> {
        if self.method != "ANY" && self.method != method {
            return None;
        }
        let own_method = self.method != "ANY";
        let mut parameters = BTreeMap::new();
        let mut literals = 0;
        let mut given = path.strip_prefix('/').unwrap_or(path).split('/');
        for segment in &self.segments {
            match segment {
                Segment::Greedy(name) => {
                    let rest = given.by_ref().collect::<Vec<_>>().join("/");
                    if rest.is_empty() && !self.is_default() {
                        return None;
                    }
                    if !name.is_empty() {
                        parameters.insert(name.clone(), rest);
                    }
                    return Some(((false, self.segments.len(), literals, own_method), parameters));
                }
                Segment::Literal(wanted) => {
                    given.next().filter(|given| given == wanted)?;
                    literals += 1;
                }
                Segment::Variable(name) => {
                    let value = given.next().filter(|given| !given.is_empty())?;
                    parameters.insert(name.clone(), value.to_owned());
                }
            }
        }
        match given.next() {
            Some(_) => None,
            None => Some(((true, self.segments.len(), literals, own_method), parameters)),
        }
    }
}

impl Segment {
    fn variable(&self) -> Option<&String> {
        match self {
            Self::Literal(_) => None,
            Self::Variable(name) | Self::Greedy(name) => Some(name),
        }
    }
}

/// Reads a segment: a variable is a whole one.
fn segment(text: &str) -> Option<Segment> {
    let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
        let odd = |c: char| c.is_whitespace() || "{}?#".contains(c);
        return (!text.contains(odd)).then(|| Segment::Literal(text.to_owned()));
    };
    let (name, greedy) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
    let good = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c));
    good.then(|| if greedy { Segment::Greedy(name.to_owned()) } else { Segment::Variable(name.to_owned()) })
}

/// The best route for a request among `routes`, with the path parameters. `$default` comes last whatever it fits.
pub(super) fn select<'a, T>(
    routes: impl Iterator<Item = (&'a RouteKey, T)>,
    method: &str,
    path: &str,
) -> Option<(&'a RouteKey, T, BTreeMap<String, String>)> {
    routes
        .filter_map(|(key, target)| {
            let (fit, parameters) = key.fit(method, path)?;
            Some(((!key.is_default(), fit), key, target, parameters))
        })
        .max_by_key(|(fit, ..)| *fit)
        .map(|(_, key, target, parameters)| (key, target, parameters))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn selected(keys: &[&str], method: &str, path: &str) -> Option<String> {
        let keys: Vec<RouteKey> = keys.iter().map(|key| RouteKey::parse(key).unwrap()).collect();
        select(keys.iter().map(|key| (key, ())), method, path).map(|(key, ..)| key.text().to_owned())
    }

    #[test_case("GET", "/pets/dog/1" => Some("GET /pets/dog/1".to_owned()))]
    #[test_case("GET", "/pets/dog/2" => Some("GET /pets/dog/{id}".to_owned()))]
    #[test_case("GET", "/pets/cat/2" => Some("GET /pets/{proxy+}".to_owned()))]
    #[test_case("POST", "/pets/cat" => Some("ANY /{proxy+}".to_owned()))]
    #[test_case("GET", "/pets" => Some("ANY /{proxy+}".to_owned()))]
    #[test_case("GET", "/" => Some("$default".to_owned()))]
    fn the_documented_priorities(method: &str, path: &str) -> Option<String> {
        selected(
            &["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"],
            method,
            path,
        )
    }

    #[test_case("GET /pets", "GET", "/pets/" => false; "a slash at the end counts")]
    #[test_case("GET /pets/", "GET", "/pets/" => true; "a key may end in one")]
    #[test_case("GET /pets/{id}", "GET", "/pets/" => false; "a variable is not empty")]
    #[test_case("GET /{proxy+}", "GET", "/" => false; "a greedy variable is not empty")]
    #[test_case("GET /", "GET", "/" => true; "the root")]
    #[test_case("GET /pets", "get", "/pets" => false; "methods are in capitals")]
    #[test_case("GET /pets", "HEAD", "/pets" => false; "HEAD is a method of its own")]
    #[test_case("ANY /pets", "TRACE", "/pets" => true; "ANY is any")]
    fn a_route_takes(key: &str, method: &str, path: &str) -> bool {
        selected(&[key], method, path).is_some()
    }

    #[test]
    fn parameters_are_named() {
        let key = RouteKey::parse("GET /a/{id}/{rest+}").unwrap();
        let (_, (), parameters) = select([(&key, ())].into_iter(), "GET", "/a/x y/b/c/").unwrap();
        assert_eq!((parameters["id"].as_str(), parameters["rest"].as_str()), ("x y", "b/c/"));
    }

    #[test_case("FETCH /a"; "another method")]
    #[test_case("GET a"; "no slash")]
    #[test_case("GET"; "no path")]
    #[test_case("/a"; "no method")]
    #[test_case(""; "nothing")]
    #[test_case("GET /{a+}/b"; "a greedy variable inside")]
    #[test_case("GET /{a}/{a}"; "a name that is used twice")]
    #[test_case("GET /a{b}"; "a variable that is not a whole segment")]
    #[test_case("GET /{}"; "a variable without a name")]
    #[test_case("GET //a"; "an empty segment")]
    #[test_case("GET /a b"; "white space")]
    fn refuses(key: &str) {
        assert_eq!(RouteKey::parse(key).unwrap_err().code, "BadRequestException");
    }
}
