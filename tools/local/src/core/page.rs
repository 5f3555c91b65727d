//! Cutting lists into pages, in one way for every service.
//!
//! A token says the key after which the next page begins, and what was asked for, so that a token of another request is
//! refused. Lists are in the order of their keys: what is added or removed between two pages moves nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A token that this list did not give out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token is not one of this request's")]
pub struct BadToken;

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The page of at most `size` items after `token`. `scope` is what the request asked for (the operation and its
    /// filters): a token is good for it alone.
    ///
    /// # Errors
    /// Fails if the token is not one of this scope's.
    pub fn cut<'k>(
        all: impl IntoIterator<Item = (&'k str, T)>,
        token: Option<&str>,
        size: usize,
        scope: &str,
    ) -> Result<Self, BadToken> {
        let after = token.map(|token| read(token, scope)).transpose()?;
        let mut rest = all.into_iter().skip_while(|(key, _)| after.as_deref().is_some_and(|after| *key <= after));
        let (mut items, mut last) = (Vec::new(), None);
        for (key, item) in rest.by_ref().take(size) {
            last = Some(key);
            items.push(item);
        }
        let next = rest.next().and(last).map(|key| write(key, scope));
        Ok(Self { items, next })
    }
}

fn write(key: &str, scope: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{scope}\n{key}"))
}

fn read(token: &str, scope: &str) -> Result<String, BadToken> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| BadToken)?;
    let text = String::from_utf8(bytes).map_err(|_| BadToken)?;
    let key = text.strip_prefix(scope).and_then(|rest| rest.strip_prefix('\n')).ok_or(BadToken)?;
    Ok(key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_and_end() {
        let all = [("a", 1), ("b", 2), ("c", 3)];
        let first = Page::cut(all, None, 2, "List").unwrap();
        assert_eq!(first.items, [1, 2]);
        let second = Page::cut(all, first.next.as_deref(), 2, "List").unwrap();
        assert_eq!((second.items, second.next), (vec![3], None));
        assert_eq!(Page::cut(all, None, 3, "List").unwrap().next, None);
    }

    #[test]
    fn what_is_removed_between_two_pages_moves_nothing_else() {
        let first = Page::cut([("a", 1), ("b", 2), ("c", 3)], None, 2, "").unwrap();
        assert_eq!(Page::cut([("a", 1), ("c", 3)], first.next.as_deref(), 2, "").unwrap().items, [3]);
    }

    #[test]
    fn a_token_of_another_request_is_refused() {
        let token = Page::cut([("a", 1), ("b", 2)], None, 1, "List:x").unwrap().next;
        assert_eq!(Page::cut([("a", 1)], token.as_deref(), 1, "List:y"), Err(BadToken));
        assert_eq!(Page::cut([("a", 1)], Some("nonsense"), 1, "List:x"), Err(BadToken));
    }
}
