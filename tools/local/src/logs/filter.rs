//! The part of the filter pattern language that reads unstructured lines.
//!
//! Terms, quoted phrases, `?optional` and `-excluded` terms, as in
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>. JSON selectors (`{…}`),
//! space-delimited patterns (`[…]`) and regular expressions (`%…%`) are refused: they are not run.

use crate::core::ServiceError;

use super::store::invalid;

/// A parsed pattern. The empty one matches everything. Matching respects case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FilterPattern {
    required: Vec<String>,
    any_of: Vec<String>,
    excluded: Vec<String>,
}

impl FilterPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `InvalidParameterException` for the parts of the language that are not run, and for an open quote.
    pub(super) fn parse(text: &str) -> Result<Self, ServiceError> {
        let mut pattern = Self::default();
        let mut rest = text.trim();
        if let Some(first) = rest.chars().next().filter(|c| "{[%".contains(*c)) {
            return Err(invalid(format!(
                "the local plane does not run filter patterns that start with '{first}': use terms and quoted phrases"
            )));
        }
        while !rest.is_empty() {
            let (list, body) = match rest.as_bytes()[0] {
                b'?' => (&mut pattern.any_of, &rest[1..]),
                b'-' => (&mut pattern.excluded, &rest[1..]),
                _ => (&mut pattern.required, rest),
            };
            let (term, after) = next_term(body)?;
            if !term.is_empty() {
                list.push(term);
            }
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a line matches. Optional terms count only when no term is required, as CloudWatch Logs documents.
    pub(super) fn matches(&self, line: &str) -> bool {
        let has = |term: &String| line.contains(term.as_str());
        if self.excluded.iter().any(has) {
            return false;
        }
        if self.required.is_empty() {
            return self.any_of.is_empty() || self.any_of.iter().any(has);
        }
        self.required.iter().all(has)
    }
}

fn next_term(text: &str) -> Result<(String, &str), ServiceError> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut term = String::new();
        let mut escaped = false;
        for (position, c) in quoted.char_indices() {
            match c {
                _ if escaped => {
                    term.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => return Ok((term, &quoted[position + 1..])),
                _ => term.push(c),
            }
        }
        return Err(invalid("Invalid filter pattern: a quoted phrase does not end"));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (term, rest) = text.split_at(end);
    // Outside quotes CloudWatch Logs takes letters, digits and underscores only.
    if !term.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(invalid(format!("Invalid filter pattern: quote the term '{term}'")));
    }
    Ok((term.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("", "anything", true; "empty matches all")]
    #[test_case("ERROR", "an ERROR here", true; "term")]
    #[test_case("error", "an ERROR here", false; "case counts")]
    #[test_case("ERROR disk", "ERROR on disk", true; "all terms")]
    #[test_case("ERROR disk", "ERROR on net", false; "one term is missing")]
    #[test_case("\"Task timed out\"", "x Task timed out after 3", true; "phrase")]
    #[test_case("\"Task timed out\"", "Task was timed out", false; "phrase is exact")]
    #[test_case("?ERROR ?WARN", "a WARN", true; "either")]
    #[test_case("?ERROR ?WARN", "an INFO", false; "neither")]
    #[test_case("ERROR -retry", "ERROR then retry", false; "excluded")]
    #[test_case("\"a \\\"b\\\"\"", "say a \"b\"", true; "escaped quotes")]
    fn terms_and_phrases(pattern: &str, line: &str, expected: bool) {
        assert_eq!(FilterPattern::parse(pattern).unwrap().matches(line), expected);
    }

    #[test_case("{ $.level = \"ERROR\" }"; "json selector")]
    #[test_case("[ip, user]"; "space delimited")]
    #[test_case("%ERR.R%"; "regular expression")]
    #[test_case("\"open"; "open quote")]
    #[test_case("a:b"; "unquoted punctuation")]
    fn what_is_not_run_is_refused(pattern: &str) {
        assert_eq!(FilterPattern::parse(pattern).unwrap_err().code, "InvalidParameterException");
    }
}
