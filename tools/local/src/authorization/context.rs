//! The condition context of one question: the values of global keys and of the service's own.

use std::borrow::Cow;

/// Values by key. Keys have no case; a key may have several values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context<'a> {
    entries: Vec<(Cow<'a, str>, Values<'a>)>,
}

#[derive(Clone, Debug)]
enum Values<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Context<'a> {
    /// Gives a key its one value, in place of what it had.
    pub(crate) fn set(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.put(key.into(), Values::One(value.into()));
    }

    /// Gives a key several values, in place of what it had.
    pub(crate) fn set_many(&mut self, key: impl Into<Cow<'a, str>>, values: Vec<Cow<'a, str>>) {
        self.put(key.into(), Values::Many(values));
    }

    fn put(&mut self, key: Cow<'a, str>, values: Values<'a>) {
        match self.entries.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
            Some((_, old)) => *old = values,
            None => self.entries.push((key, values)),
        }
    }

    /// The values of a key; none when the request does not have it.
    pub(super) fn values(&self, key: &str) -> Option<&[Cow<'a, str>]> {
        let (_, values) = self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(key))?;
        Some(match values {
            Values::One(value) => std::slice::from_ref(value),
            Values::Many(values) => values,
        })
    }

    /// The value of a key that has one: what a policy variable stands for.
    pub(super) fn one(&self, key: &str) -> Option<&str> {
        let (_, values) = self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(key))?;
        match values {
            Values::One(value) => Some(value),
            Values::Many(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_no_case_and_only_a_single_value_is_a_variable() {
        let mut context = Context::default();
        context.set("aws:UserName", "ana");
        context.set("AWS:username", "bob");
        context.set_many("aws:TagKeys", vec!["a".into(), "b".into()]);
        assert_eq!(context.one("aws:username"), Some("bob"));
        assert_eq!(context.one("aws:tagkeys"), None);
        assert_eq!(context.values("aws:tagkeys").map(<[_]>::len), Some(2));
    }
}
