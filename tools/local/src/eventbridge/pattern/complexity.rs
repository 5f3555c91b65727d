//! The number of ways that a text may take through the wildcards of a field at once: a matcher that follows all of them has to
//! stay quick, so that patterns that ask too much are refused.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity>
//!
//! The count is that of AWS's matcher: the letters and stars of the patterns that one and the same text may end at. Assumed:
//! how many EventBridge allows. Of its documentation's patterns, the one that it says is too complex comes to ten, and the
//! others to fewer.

use std::collections::BTreeSet;

/// The number that is too many.
const TOO_MANY: usize = 10;
/// The most sets of places that are looked at. Patterns that have more are too complex by any measure.
const SETS: usize = 4096;

/// A pattern's number, and the number of its parts before a place in it.
type Place = (usize, usize);

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Letter(u8),
    Star,
}

/// True if the wildcards of one field, each in its pieces between the stars, are too complex together.
pub(super) fn is_too_complex(wildcards: &[&[String]]) -> bool {
    let patterns: Vec<Vec<Part>> = wildcards.iter().map(|pieces| parts(pieces)).collect();
    let start: BTreeSet<Place> = (0..patterns.len()).map(|pattern| (pattern, 0)).collect();
    let letters: BTreeSet<u8> = patterns
        .iter()
        .flatten()
        .filter_map(|part| match part {
            Part::Letter(letter) => Some(*letter),
            Part::Star => None,
        })
        .collect();
    let (mut known, mut waiting) = (BTreeSet::from([start.clone()]), vec![start]);
    while let Some(places) = waiting.pop() {
        for letter in &letters {
            let next = step(&patterns, &places, *letter);
            if weight(&patterns, &next) >= TOO_MANY || known.len() > SETS {
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
fn step(patterns: &[Vec<Part>], places: &BTreeSet<Place>, letter: u8) -> BTreeSet<Place> {
    let mut next = BTreeSet::new();
    for (pattern, place) in places {
        let parts = &patterns[*pattern];
        let at_star = *place > 0 && parts[place - 1] == Part::Star;
        if at_star {
            next.insert((*pattern, *place));
        }
        let mut from = *place;
        if parts.get(from) == Some(&Part::Star) {
            from += 1;
            next.insert((*pattern, from));
        }
        if parts.get(from) == Some(&Part::Letter(letter)) {
            next.insert((*pattern, from + 1));
        }
    }
    next
}

/// The number of places, with the stars that stand next to them.
fn weight(patterns: &[Vec<Part>], places: &BTreeSet<Place>) -> usize {
    let stars = places.iter().filter(|(pattern, place)| {
        patterns[*pattern].get(*place) == Some(&Part::Star) && !places.contains(&(*pattern, place + 1))
    });
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
        assert_eq!(is_too_complex(&[&pieces]), expected);
    }
}
