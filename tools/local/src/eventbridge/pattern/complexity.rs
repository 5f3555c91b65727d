//! The number of ways that a text may take through a wildcard at once: a matcher that follows all of them has to stay quick, so
//! that patterns that ask too much are refused.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity>
//!
//! The count is that of AWS's matcher: the letters and stars of the pattern that one and the same text may end at. Assumed: how
//! many EventBridge allows. Of its documentation's patterns, the one that it says is too complex comes to ten, and the others to
//! fewer. AWS's matcher counts the wildcards of a field together; here each is counted alone, so that none is refused that AWS
//! might take.

use std::collections::BTreeSet;

/// The number that is too many.
const TOO_MANY: usize = 10;
/// The most sets of places that are looked at. Patterns that have more are too complex by any measure.
const SETS: usize = 4096;

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Letter(u8),
    Star,
}

/// Places in a pattern: the numbers of the parts before them.
type Places = BTreeSet<usize>;

/// True if a wildcard, in its pieces between the stars, is too complex.
pub(super) fn is_too_complex(pieces: &[String]) -> bool {
    let parts = parts(pieces);
    let letters: BTreeSet<u8> = pieces.iter().flat_map(|piece| piece.bytes()).collect();
    let start = Places::from([0]);
    let (mut known, mut waiting) = (BTreeSet::from([start.clone()]), vec![start]);
    while let Some(places) = waiting.pop() {
        for letter in &letters {
            let next = step(&parts, &places, *letter);
            if weight(&parts, &next) >= TOO_MANY || known.len() > SETS {
                return true;
            }
            if !next.is_empty() && known.insert(next.clone()) {
                waiting.push(next);
            }
        }
    }
    false
}

fn parts(pieces: &[String]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 {
            parts.push(Part::Star);
        }
        parts.extend(piece.bytes().map(Part::Letter));
    }
    parts
}

/// The places to which one more letter leads from others. A star that stands next may take it, or be passed over.
fn step(parts: &[Part], places: &Places, letter: u8) -> Places {
    let mut next = Places::new();
    for place in places {
        if *place > 0 && parts[place - 1] == Part::Star {
            next.insert(*place);
        }
        let mut from = *place;
        if parts.get(from) == Some(&Part::Star) {
            from += 1;
            next.insert(from);
        }
        if parts.get(from) == Some(&Part::Letter(letter)) {
            next.insert(from + 1);
        }
    }
    next
}

/// The number of places, with the stars that stand next to them.
fn weight(parts: &[Part], places: &Places) -> usize {
    let stars =
        places.iter().filter(|place| parts.get(**place) == Some(&Part::Star) && !places.contains(&(*place + 1)));
    places.len() + stars.count()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("*:*:*:*:*:event-bus/*", true; "five of the same")]
    #[test_case("*:*:*:*:event-bus/*", false; "four of the same")]
    #[test_case("arn:aws:events:us-east-1:*:event-bus/*", false; "two stars")]
    #[test_case("*/dir/*", false; "around a name")]
    #[test_case("*a*b*c*d*e*f*g*h*i*j*", true; "eleven stars")]
    fn the_patterns_of_the_documentation(text: &str, expected: bool) {
        let pieces: Vec<String> = text.split('*').map(str::to_owned).collect();
        assert_eq!(is_too_complex(&pieces), expected);
    }
}
