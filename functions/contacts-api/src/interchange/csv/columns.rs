//! The columns of a CSV, as its first row names them.

use csv::StringRecord;
use jsonptr::Pointer;

use super::super::BadHeader;
use super::LISTS;

/// More than a contact has parts. Every row can have a fault in every column, and each names its column.
const MOST: usize = 500;
/// Bytes of a column's name: an own field's of 50 characters is shorter, however it is escaped.
const LONGEST: usize = 500;

/// The path from the contact to the cells of each column.
#[derive(Debug)]
pub(super) struct Columns(Vec<Vec<String>>);

impl Columns {
    pub(super) fn read(names: &StringRecord) -> Result<Self, BadHeader> {
        if names.len() > MOST {
            return Err(BadHeader { column: MOST + 1, reason: "is one too many: there may be 500" });
        }
        let columns: Vec<_> =
            names.iter().zip(1..).map(|(name, column)| path(name, column)).collect::<Result<_, _>>()?;
        apart(&columns)?;
        Ok(Self(columns))
    }

    /// Each column's path, from the contact down.
    pub(super) fn paths(&self) -> impl Iterator<Item = &[String]> {
        self.0.iter().map(Vec::as_slice)
    }
}

fn path(name: &str, column: usize) -> Result<Vec<String>, BadHeader> {
    let bad = |reason| BadHeader { column, reason };
    if name.len() > LONGEST {
        return Err(bad("must have a shorter name"));
    }
    let pointer = Pointer::parse(name.trim()).ok().filter(|pointer| !pointer.is_root());
    let pointer = pointer.ok_or(bad("must be the JSON Pointer of a part of a contact, such as /names/given"))?;
    let path: Vec<String> = pointer.tokens().map(|token| token.decoded().into_owned()).collect();
    let is_list = path.first().is_some_and(|name| LISTS.contains(&name.as_str()));
    let place = path.get(1).and_then(|place| place.parse::<usize>().ok().filter(|number| number.to_string() == *place));
    if is_list && place.is_none() {
        return Err(bad("must have a place in the list, as /emails/0/address has"));
    }
    Ok(path)
}

/// No column may be in the place of another, or around it: one of them would be lost.
fn apart(columns: &[Vec<String>]) -> Result<(), BadHeader> {
    let mut sorted: Vec<(&[String], usize)> = columns.iter().map(Vec::as_slice).zip(1..).collect();
    sorted.sort_unstable();
    // A path sorts directly before those that begin with it.
    let clash = sorted.array_windows().find(|[(one, _), (next, _)]| next.starts_with(one));
    match clash {
        Some(&[(_, one), (_, next)]) => {
            Err(BadHeader { column: one.max(next), reason: "must not be in the same place as another column" })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(&["/names/given", "/custom/Met at", "/emails/10/label"] => Ok(()); "columns")]
    #[test_case(&["/custom/a~1b~0c"] => Ok(()); "escapes")]
    #[test_case(&["/custom", "/customs"] => Ok(()); "one name begins as another")]
    #[test_case(&["/names/given", "Name"] => Err(2); "no pointer")]
    #[test_case(&[""] => Err(1); "the whole contact")]
    #[test_case(&["/custom/~2"] => Err(1); "no escape")]
    #[test_case(&["/emails/address"] => Err(1); "no place")]
    #[test_case(&["/emails/01/address"] => Err(1); "no such place")]
    #[test_case(&["/tags"] => Err(1); "a whole list")]
    #[test_case(&["/title", "/notes", "/title"] => Err(3); "one twice")]
    #[test_case(&["/names/given", "/names"] => Err(2); "one around another")]
    #[test_case(&["/title", &format!("/{}", "x".repeat(500))] => Err(2); "a name longer than any")]
    #[test_case(&["/title"; 501] => Err(501); "more columns than a contact has parts")]
    fn reads_the_first_row(names: &[&str]) -> Result<(), usize> {
        Columns::read(&StringRecord::from(names)).map(|_| ()).map_err(|error| error.column)
    }
}
