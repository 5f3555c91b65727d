//! The wildcards of policies: `*` is any text, `?` any character.

/// True if a text is of the pattern.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` is, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// True if an ARN is of a pattern, each of whose six parts is a pattern of its own.
pub(super) fn arn_matches(pattern: &str, arn: &str) -> bool {
    let (pattern, arn): (Vec<&str>, Vec<&str>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    pattern.len() == arn.len() && pattern.iter().zip(arn).all(|(pattern, part)| matches(pattern, part))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("*", "" => true)]
    #[test_case("a*c", "abbc" => true)]
    #[test_case("a*c", "abbd" => false)]
    #[test_case("a?c", "abc" => true)]
    #[test_case("a?c", "ac" => false)]
    #[test_case("*/GET/*", "id/$default/GET/pets/1" => true)]
    #[test_case("**a", "bba" => true)]
    #[test_case("a", "ab" => false)]
    fn texts(pattern: &str, text: &str) -> bool {
        matches(pattern, text)
    }

    #[test_case("arn:aws:execute-api:*:*:id/*", "arn:aws:execute-api:us-east-1:1:id/s/GET/a:b" => true)]
    #[test_case("arn:aws:execute-api:*:id/*", "arn:aws:execute-api:us-east-1:1:id/s" => false; "a wildcard stays in its part")]
    #[test_case("*", "arn:aws:execute-api:us-east-1:1:id/s" => false; "a pattern has all the parts")]
    fn arns(pattern: &str, arn: &str) -> bool {
        arn_matches(pattern, arn)
    }
}
