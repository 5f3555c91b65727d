//! The name that somebody probably meant.

/// The nearest of some names to a name that is none of them, if one is near enough to be a misspelling.
#[must_use]
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lowered = name.to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&lowered, &candidate.to_lowercase());
    let (distance, candidate) = names.into_iter().map(|candidate| (distance(candidate), candidate)).min()?;
    (distance <= (name.chars().count() / 3).max(1)).then_some(candidate)
}
