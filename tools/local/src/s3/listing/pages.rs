//! Cutting pages out of ordered keys, with keys of one prefix rolled into one entry. Pure.

/// An entry of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::s3) enum Entry<T> {
    /// The item of one key.
    Key(T),
    /// The common prefix of several keys.
    Prefix(String),
}

/// The request for a page.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::s3) struct Asked<'a> {
    /// The beginning that the keys must have.
    pub(in crate::s3) prefix: &'a str,
    /// The text at which keys are rolled up into a common prefix.
    pub(in crate::s3) delimiter: Option<&'a str>,
    /// The key or common prefix after which the page begins.
    pub(in crate::s3) after: Option<&'a str>,
    /// The most entries of the page.
    pub(in crate::s3) limit: usize,
}

/// A page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::s3) struct Page<T> {
    pub(in crate::s3) entries: Vec<Entry<T>>,
    /// True if more entries follow. A page with the limit 0 is never cut.
    pub(in crate::s3) truncated: bool,
}

impl<T> Page<T> {
    /// The common prefixes.
    pub(in crate::s3) fn prefixes(&self) -> Vec<String> {
        let prefix = |entry: &Entry<T>| match entry {
            Entry::Prefix(prefix) => Some(prefix.clone()),
            Entry::Key(_) => None,
        };
        self.entries.iter().filter_map(prefix).collect()
    }

    /// The items that have keys of their own, without the common prefixes.
    pub(in crate::s3) fn keys(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Key(item) => Some(item),
            Entry::Prefix(_) => None,
        })
    }
}

/// Cuts a page. Items are in the order of their keys; several may have the same one.
pub(in crate::s3) fn cut<T>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> &str, asked: Asked<'_>) -> Page<T> {
    let mut page = Page { entries: Vec::new(), truncated: false };
    let mut rolled: Option<String> = None;
    for item in items {
        let name = key(&item);
        if !name.starts_with(asked.prefix) || rolled.as_deref().is_some_and(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let common = common_prefix(name, asked);
        // A page that ended with a common prefix goes on behind all its keys.
        if common.is_some() && common == asked.after {
            continue;
        }
        if asked.limit == 0 {
            break;
        }
        if page.entries.len() == asked.limit {
            page.truncated = true;
            break;
        }
        match common.map(str::to_owned) {
            Some(prefix) => {
                page.entries.push(Entry::Prefix(prefix.clone()));
                rolled = Some(prefix);
            }
            None => page.entries.push(Entry::Key(item)),
        }
    }
    page
}

/// The common prefix of a key: up to the first delimiter behind the prefix, and with it.
fn common_prefix<'a>(name: &'a str, asked: Asked<'_>) -> Option<&'a str> {
    let delimiter = asked.delimiter?;
    let at = name[asked.prefix.len()..].find(delimiter)?;
    Some(&name[..asked.prefix.len() + at + delimiter.len()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listed(keys: &[&str], asked: Asked<'_>) -> (Vec<String>, bool) {
        let after = asked.after.unwrap_or_default();
        let page = cut(keys.iter().filter(|key| **key > after), |key| key, asked);
        let said = |entry: &Entry<&&str>| match entry {
            Entry::Key(key) => (**key).to_string(),
            Entry::Prefix(prefix) => format!("{prefix}…"),
        };
        (page.entries.iter().map(said).collect(), page.truncated)
    }

    #[test]
    fn keys_are_data_and_only_the_delimiter_rolls_them_up() {
        let keys = ["/lead", "a/../z", "a//b", "dir/", "p", "p/q", "p/r", "q"];
        let asked = Asked { delimiter: Some("/"), limit: 1000, ..Asked::default() };
        assert_eq!(listed(&keys, asked).0, ["/…", "a/…", "dir/…", "p", "p/…", "q"]);
        let below = Asked { prefix: "a/", delimiter: Some("/"), limit: 1000, ..Asked::default() };
        assert_eq!(listed(&keys, below).0, ["a/../…", "a//…"]);
        let folder = Asked { prefix: "dir/", delimiter: Some("/"), limit: 1000, ..Asked::default() };
        assert_eq!(listed(&keys, folder).0, ["dir/"]);
    }

    #[test]
    fn a_page_of_nothing_is_not_cut() {
        assert_eq!(listed(&["a", "b"], Asked::default()), (vec![], false));
    }

    #[test]
    fn a_page_goes_on_behind_a_common_prefix() {
        let keys = ["a/1", "a/2", "b"];
        let first = Asked { delimiter: Some("/"), limit: 1, ..Asked::default() };
        assert_eq!(listed(&keys, first), (vec!["a/…".to_owned()], true));
        let next = Asked { after: Some("a/"), ..first };
        assert_eq!(listed(&keys, next), (vec!["b".to_owned()], false));
    }

    proptest! {
        #[test]
        fn pages_put_together_are_the_whole_listing(
            keys in prop::collection::btree_set("[ab/]{1,5}", 0..30), prefix in "[ab/]{0,2}", limit in 1..5usize,
        ) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let all = Asked { prefix: &prefix, delimiter: Some("/"), limit: 1000, after: None };
            let whole = listed(&keys, all).0;
            let (mut together, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
            loop {
                let (page, truncated) = listed(&keys, Asked { limit, after: after.as_deref(), ..all });
                prop_assert!(page.len() <= limit);
                together.extend(page);
                if !truncated { break; }
                after = together.last().map(|last| last.trim_end_matches('…').to_owned());
            }
            prop_assert_eq!(together, whole);
        }
    }
}
