//! The formats of single values.

/// True if `text` can be an e-mail address: a local part and a domain with a dot, as RFC 5321 bounds them. Only a message can tell
/// whether anybody reads it.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty() && local.len() <= 64 && !local.contains('@');
    local_ok && text.len() <= 254 && text.chars().all(|c| !c.is_whitespace() && !c.is_control()) && is_domain(domain)
}

fn is_domain(domain: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    domain.contains('.') && domain.split('.').all(label_ok)
}

/// True if `text` is a telephone number in E.164.
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("ada@example.com" => true)]
    #[test_case("ada+tag@sub.example.co.uk" => true)]
    #[test_case("ada@bücher.example" => true)]
    #[test_case("ada" => false)]
    #[test_case("@example.com" => false)]
    #[test_case("ada@localhost" => false)]
    #[test_case("ada@example..com" => false)]
    #[test_case("ada@-example.com" => false)]
    #[test_case("ada lovelace@example.com" => false)]
    #[test_case("a@b@example.com" => false)]
    fn knows_email_addresses(text: &str) -> bool {
        is_email(text)
    }

    #[test_case("+447911123456" => true)]
    #[test_case("+0447911123456" => false)]
    #[test_case("447911123456" => false)]
    #[test_case("+44 7911 123456" => false)]
    #[test_case("+1234567890123456" => false)]
    fn knows_e164(text: &str) -> bool {
        is_e164(text)
    }
}
