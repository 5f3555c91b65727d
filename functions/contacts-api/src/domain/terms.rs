//! The search terms of a contact: its names, addresses, numbers and tags, written so that a prefix of one can be compared byte by byte.

use super::fields::{Fields, Names};

/// The longest term in bytes; what is longer is found by its beginning. With the rest of an index key it stays far below the 1,024
/// bytes that DynamoDB allows a sort key.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const LONGEST: usize = 400;

/// The kind of a search term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// A name: `given family`, `family given` (without and with the additional names), or the nickname.
    Name,
    /// An e-mail address.
    Email,
    /// A telephone number, by its digits.
    Phone,
    /// A tag of the contact.
    Tag,
}

impl Term {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Name, Self::Email, Self::Phone, Self::Tag];

    /// `text` as terms of this kind are written. Normalising twice changes nothing.
    #[must_use]
    pub fn normalise(self, text: &str) -> String {
        match self {
            Self::Phone => shortened(text.chars().filter(char::is_ascii_digit).collect()),
            Self::Name | Self::Email | Self::Tag => folded(text),
        }
    }

    /// The terms of this kind, each once, in no order that means anything.
    #[must_use]
    pub fn of(self, fields: &Fields) -> Vec<String> {
        let mut terms: Vec<String> = match self {
            Self::Name => name_terms(fields),
            Self::Email => fields.emails.iter().map(|email| self.normalise(&email.address)).collect(),
            Self::Phone => fields.phones.iter().map(|phone| self.normalise(&phone.number)).collect(),
            Self::Tag => fields.tags.iter().map(|tag| self.normalise(tag)).collect(),
        };
        terms.sort_unstable();
        terms.dedup();
        terms.retain(|term| !term.is_empty());
        terms
    }
}

/// The value that contacts are sorted by when they are sorted by name: `family given additional`, as telephone books do. A contact with
/// neither a given nor a family name stands where its nickname says.
pub(super) fn sort_name(fields: &Fields) -> String {
    let Names { given, family, additional, nickname, .. } = &fields.names;
    let name = joined(&[family, given, additional]);
    if name.is_empty() { joined(&[nickname]) } else { name }
}

/// `given family` also answers to a prefix of the given name alone, and `family given` to one of the family name.
fn name_terms(fields: &Fields) -> Vec<String> {
    let Names { given, family, additional, nickname, .. } = &fields.names;
    vec![joined(&[given, family]), joined(&[given, additional, family]), sort_name(fields), joined(&[nickname])]
}

fn joined(parts: &[&Option<String>]) -> String {
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
    folded(&parts.join(" "))
}

/// Case folded, with single spaces and without control characters, so that these can separate a term from what follows it in a key.
/// Case is folded by way of capitals, as `ß` and `ss`, and both of the small sigmas, are the same in capitals only; and to capitals by
/// way of small letters, as the capital of `ẞ` is itself.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        let small = word.chars().flat_map(char::to_lowercase);
        folded.extend(small.flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    }
    shortened(folded)
}

fn shortened(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST));
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::fields::Phone;
    use super::*;

    #[test_case(Term::Name, "  Ada\t LOVELACE " => "ada lovelace"; "spaces and case")]
    #[test_case(Term::Name, "STRAẞE Straße" => "strasse strasse"; "sharp s")]
    #[test_case(Term::Name, "ὈΔΥΣΣΕΎΣ" => "ὀδυσσεύσ"; "sigma of capitals")]
    #[test_case(Term::Name, "ὀδυσσεύς" => "ὀδυσσεύσ"; "final sigma")]
    #[test_case(Term::Name, "a\u{0}b\u{1f}c" => "a b c"; "control characters")]
    #[test_case(Term::Email, "Ada@Example.COM" => "ada@example.com"; "an address")]
    #[test_case(Term::Phone, "+44 1632-960001" => "441632960001"; "digits")]
    #[test_case(Term::Tag, "  " => ""; "nothing")]
    fn normalises(term: Term, text: &str) -> String {
        term.normalise(text)
    }

    #[test]
    fn normalising_twice_changes_nothing_of_any_character() {
        let cased = |c: &char| c.to_lowercase().ne([*c]) || c.to_uppercase().ne([*c]);
        for character in (char::MIN..=char::MAX).filter(cased) {
            let once = folded(&format!("x{character}"));
            assert_eq!(folded(&once), once, "{character:?}");
        }
        let long = folded(&"é ".repeat(LONGEST));
        assert!(long.len() <= LONGEST && folded(&long) == long);
    }

    #[test]
    fn a_contact_is_found_by_each_of_its_names_in_either_order() {
        let some = |name: &str| Some(name.to_owned());
        let names = Names { given: some("Ada"), family: some("Lovelace"), ..Names::default() };
        let mut fields = Fields { names, ..Fields::default() };
        assert_eq!(Term::Name.of(&fields), ["ada lovelace", "lovelace ada"]);
        assert_eq!(sort_name(&fields), "lovelace ada");
        fields.names.additional = some("King");
        fields.names.nickname = some("Addie");
        assert_eq!(Term::Name.of(&fields), ["ada king lovelace", "ada lovelace", "addie", "lovelace ada king"]);
        fields.names = Names { nickname: some("Addie"), ..Names::default() };
        assert_eq!((Term::Name.of(&fields), sort_name(&fields)), (vec!["addie".to_owned()], "addie".to_owned()));
    }

    #[test]
    fn a_term_is_there_once() {
        let phone = |number: &str| Phone { number: number.to_owned(), label: None };
        let fields = Fields { phones: vec![phone("+441"), phone("+44 1"), phone("+")], ..Fields::default() };
        assert_eq!(Term::Phone.of(&fields), ["441"]);
    }
}
