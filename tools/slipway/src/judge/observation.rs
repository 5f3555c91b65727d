//! One line: the requests of one version, and the bad ones, by one metric since the last look.

use std::fmt::{self, Formatter};

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use slipway_shared::judge::Counts;

use super::time::At;

/// The version that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// The version that users have had so far.
    Current,
    /// The version that is released.
    Target,
}

impl Version {
    /// The word of the lines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Target => "target",
        }
    }
}

/// An observation as it is written.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    deployment: Option<String>,
    at: At,
    version: Version,
    metric: String,
    requests: Count,
    bad: Count,
}

/// A number of requests, which a reader's fault calls so.
#[derive(Clone, Copy, Debug)]
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of requests")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Count, E> {
        Ok(Count(count))
    }

    fn visit_i64<E: de::Error>(self, count: i64) -> Result<Count, E> {
        Err(E::invalid_value(Unexpected::Signed(count), &self))
    }
}

/// An observation that can be.
#[derive(Debug)]
pub struct Observation {
    /// The deployment, where the file names one.
    pub deployment: Option<String>,
    /// The time of the look.
    pub at: At,
    /// The version that answered.
    pub version: Version,
    /// The metric's name.
    pub metric: String,
    /// Requests, and bad ones among them.
    pub counts: Counts,
}

/// The fault of a line, with its column where the reader knows it.
#[derive(Debug, PartialEq, Eq)]
pub struct LineFault {
    /// The column at which the reader stopped, counted in bytes from one.
    pub column: Option<usize>,
    /// The fault, for a person.
    pub text: String,
}

impl Observation {
    /// The observation of a line.
    ///
    /// # Errors
    /// Fails for whatever is no observation.
    pub fn read(line: &[u8]) -> Result<Self, LineFault> {
        let begin = line.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        // The reader would take an array for the members in their order.
        if line.get(begin) != Some(&b'{') {
            return Err(LineFault { column: Some(begin + 1), text: "an observation is a JSON object".to_owned() });
        }
        let read: Line = serde_json::from_slice(line).map_err(|_| unreadable(line))?;
        let Line { deployment, at, version, metric, requests, bad } = read;
        let fault = |text: String| LineFault { column: None, text };
        if let Some((member, _)) = [("deployment", deployment.as_deref()), ("metric", Some(metric.as_str()))]
            .into_iter()
            .find(|(_, name)| name.is_some_and(|name| name.trim().is_empty() || name.contains(char::is_control)))
        {
            return Err(fault(format!("{member}: a name is expected, of letters and other signs that are seen")));
        }
        let counts = Counts::new(requests.0, bad.0).map_err(|error| fault(error.to_string()))?;
        Ok(Self { deployment, at, version, metric, counts })
    }
}

/// The fault of a line that is read a second time, with the path to it: that is too slow for lines that are well.
fn unreadable(line: &[u8]) -> LineFault {
    let json = &mut serde_json::Deserializer::from_slice(line);
    let (member, error) = match serde_path_to_error::deserialize::<_, Line>(&mut *json) {
        Err(error) => (error.path().to_string(), error.into_inner()),
        // The line is well up to its end, and goes on behind it.
        Ok(_) => match json.end() {
            Err(error) => (".".to_owned(), error),
            Ok(()) => return LineFault { column: None, text: "unreadable".to_owned() },
        },
    };
    let column = (error.column() > 0).then(|| error.column());
    let text = error.to_string();
    // The place of the error is told in the file, and not in the line.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let is_named = [".", "?"].contains(&member.as_str()) || text.contains(&format!("`{member}`"));
    let text = if is_named { text.to_owned() } else { format!("{member}: {text}") };
    LineFault { column, text }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const WELL: &str = r#"{"deployment":"a","at":60,"version":"current","metric":"errors","requests":900,"bad":9}"#;

    fn fault(line: &str) -> (Option<usize>, String) {
        let LineFault { column, text } = Observation::read(line.as_bytes()).unwrap_err();
        (column, text)
    }

    #[test]
    fn a_line_is_read_whatever_the_order_of_its_members() {
        for line in
            [WELL, r#" {"bad":9,"requests":900,"metric":"errors","version":"current","at":60,"deployment":"a"} "#]
        {
            let read = Observation::read(line.as_bytes()).unwrap();
            assert_eq!((read.deployment.as_deref(), read.metric.as_str()), (Some("a"), "errors"));
            assert_eq!((read.version, read.counts), (Version::Current, Counts::new(900, 9).unwrap()));
        }
    }

    #[test_case("not json", Some(1), "an observation is a JSON object"; "words")]
    #[test_case(r#"["a",60,"current","errors",10,1]"#, Some(1), "an observation is a JSON object"; "the members as an array")]
    #[test_case("  null", Some(3), "an observation is a JSON object"; "null")]
    #[test_case("{}", Some(2), "missing field `at`"; "nothing in it")]
    fn what_is_no_object_with_all_members_is_no_observation(line: &str, column: Option<usize>, text: &str) {
        assert_eq!(fault(line), (column, text.to_owned()));
    }

    #[test_case("900", "-1", Some(77), "requests: invalid value: integer `-1`, expected a whole number of requests"; "negative")]
    #[test_case("900", "9.5", Some(78), "requests: invalid type: floating point `9.5`, expected a whole number of requests"; "a fraction")]
    #[test_case(":9}", ":\"9\"}", Some(88), "bad: invalid type: string \"9\", expected a whole number of requests"; "a text")]
    #[test_case("\"current\"", "\"canary\"", Some(44), "version: unknown variant `canary`, expected `current` or `target`"; "unknown version")]
    #[test_case(":9}", ":901}", None, "901 bad of 900 requests"; "more bad than all")]
    #[test_case("900", "1000000000001", None, "more than 1000000000000 requests"; "too many")]
    #[test_case(",\"bad\":9", "", Some(79), "missing field `bad`"; "missing")]
    #[test_case(":9}", ":9,\"bad\":9}", Some(92), "duplicate field `bad`"; "twice")]
    #[test_case(":9}", ":9}}", Some(88), "trailing characters"; "more behind it")]
    #[test_case(":9}", ":9", Some(86), "EOF while parsing an object"; "cut off")]
    #[test_case("\"errors\"", "\" \"", None, "metric: a name is expected, of letters and other signs that are seen"; "metric without a name")]
    #[test_case("\"errors\"", r#""er\nrors""#, None, "metric: a name is expected, of letters and other signs that are seen"; "metric of two lines")]
    #[test_case("\"a\"", "\"\"", None, "deployment: a name is expected, of letters and other signs that are seen"; "deployment without a name")]
    #[test_case("\"a\"", "7", Some(15), "deployment: invalid type: integer `7`, expected a string"; "deployment by number")]
    fn a_faulty_line_is_refused_by_member_and_column(from: &str, to: &str, column: Option<usize>, text: &str) {
        assert_eq!(fault(&WELL.replacen(from, to, 1)), (column, text.to_owned()));
    }

    #[test]
    fn an_unknown_member_is_named_with_those_that_there_are() {
        let (_, text) = fault(&WELL.replace("bad", "errors"));
        assert_eq!(
            text,
            "unknown field `errors`, expected one of `deployment`, `at`, `version`, `metric`, `requests`, `bad`"
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_a_fault() {
        let line = WELL
            .replace("errors", "err@rs")
            .bytes()
            .map(|byte| if byte == b'@' { 0xff } else { byte })
            .collect::<Vec<_>>();
        let fault = Observation::read(&line).unwrap_err();
        assert_eq!(fault.text, "metric: invalid unicode code point");
    }
}
