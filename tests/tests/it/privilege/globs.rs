//! Patterns with `*` and `?`, as policies have them, and ARNs with `${Placeholders}`, as the reference has them.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Is(char),
    One,
    Any,
    /// Any text without a slash.
    AnyName,
}

/// Placeholders for names that have no slash; what follows one is of another type.
const NAMES: [&str; 2] = ["BucketName", "TableName"];

fn pattern(text: &str) -> Vec<Token> {
    let token = |character| match character {
        '*' => Token::Any,
        '?' => Token::One,
        other => Token::Is(other),
    };
    text.chars().map(token).collect()
}

fn reference(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        tokens.extend(before.chars().map(Token::Is));
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        tokens.push(if NAMES.contains(&name) { Token::AnyName } else { Token::Any });
        rest = after;
    }
    tokens.extend(rest.chars().map(Token::Is));
    tokens
}

/// True if some text is of both patterns.
fn both(one: &[Token], other: &[Token]) -> bool {
    // The row of a token: for each tail of `other`, whether it and the tail of `one` have a text in common.
    let is_any = |token: &Token| matches!(token, Token::Any | Token::AnyName);
    let takes = |any: Token, token: Token| any == Token::Any || token != Token::Is('/');
    let mut below: Vec<bool> = (0..=other.len()).map(|at| other[at..].iter().all(is_any)).collect();
    for tail in one.iter().rev().copied() {
        let mut row = vec![false; other.len() + 1];
        row[other.len()] = is_any(&tail) && below[other.len()];
        for (at, token) in other.iter().copied().enumerate().rev() {
            row[at] = if is_any(&tail) {
                below[at] || (takes(tail, token) && row[at + 1])
            } else if is_any(&token) {
                row[at + 1] || (takes(token, tail) && below[at])
            } else {
                below[at + 1] && (tail == token || tail == Token::One || token == Token::One)
            };
        }
        below = row;
    }
    below[0]
}

/// True if a resource of a policy can be of the type whose ARN the reference writes so. Partition, region and account have no colon.
pub(super) fn meet(arn: &str, resource: &str) -> bool {
    let (arns, resources): (Vec<&str>, Vec<&str>) = (arn.splitn(6, ':').collect(), resource.splitn(6, ':').collect());
    arns.len() == resources.len()
        && arns.iter().zip(&resources).all(|(one, other)| both(&reference(one), &pattern(other)))
}

/// True if every text of `narrow` is of the pattern `wide`.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    // The wildcards of the narrow pattern stand for themselves: a character that only a wildcard is wide enough for.
    let narrow: Vec<Token> = narrow.chars().map(Token::Is).collect();
    both(&pattern(wide), &narrow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_meets_the_arn_of_its_type_alone() {
        const TABLE: &str = "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}";
        assert!(meet(TABLE, "arn:aws:dynamodb:us-east-1:000000000000:table/a"));
        assert!(meet(TABLE, "arn:aws:dynamodb:us-east-1:000000000000:table/a-*"));
        assert!(!meet(TABLE, "arn:aws:dynamodb:us-east-1:000000000000:table/a/index/b"));
        assert!(!meet(TABLE, "arn:aws:dynamodb:us-east-1:000000000000:a"));
        assert!(!meet(TABLE, "arn:aws:sns:us-east-1:000000000000:table/a"));
        assert!(!meet("arn:${Partition}:s3:::${BucketName}", "arn:aws:s3:::b/*"));
        assert!(meet("arn:${Partition}:s3:::${BucketName}/${ObjectName}", "arn:aws:s3:::b/*"));
    }

    #[test]
    fn a_pattern_covers_what_it_cannot_miss() {
        assert!(covers("a:shop--*", "a:shop--production-*") && covers("*", "*") && covers("Get*", "GetItem"));
        assert!(!covers("a:shop--*", "a:shop-admin--x") && !covers("a?c", "abbc") && !covers("a", "a*"));
    }
}
