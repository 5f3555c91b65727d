//! CSV (RFC 4180): a row for each contact under a row of names. A column's name is the JSON Pointer (RFC 6901) of what is in it, such
//! as `/names/given` or `/emails/0/address`, so that every part of a contact has a column, and a fault names the column it is in.

mod columns;
mod row;
mod write;

use csv::{Position, ReaderBuilder, StringRecord};

use self::columns::Columns;
pub(super) use self::write::write;
use super::{BadHeader, Entry};

/// Members that are arrays: below them, a column's pointer has a place.
const LISTS: [&str; 4] = ["emails", "phones", "addresses", "tags"];
/// The fields of the user's own: as columns of their own, or all in one as JSON. An export has the latter, as every contact could
/// have others and each would be a column of all rows.
const CUSTOM: &str = "custom";

pub(super) fn read(text: &str) -> Result<impl Iterator<Item = Entry> + Send + '_, BadHeader> {
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    // A value that is a text already can be read, however it looks.
    let columns = Columns::read(reader.headers().unwrap_or(&StringRecord::new()))?;
    let rows = reader.into_records().filter(|row| row.as_ref().map_or(true, |row| !is_blank(row)));
    let mut lines = Lines { text, offset: 0, line: 1 };
    Ok(rows.map(move |row| match row {
        Ok(row) => row::entry(&columns, &row, lines.of(row.position())),
        Err(error) => Entry::unreadable(lines.of(error.position()), "the row has more or fewer columns than the first"),
    }))
}

/// On which line a row begins. The reader knows the offset; of its lines it forgets one when they end with CRLF.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: u64,
}

impl Lines<'_> {
    /// Rows come in their order.
    fn of(&mut self, position: Option<&Position>) -> u64 {
        let offset = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.offset);
        let rest = self.text.as_bytes().get(offset..).unwrap_or_default();
        let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.as_bytes().get(self.offset..offset + breaks).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.offset = offset + breaks;
        self.line
    }
}

/// Spreadsheets leave rows without anything in them.
fn is_blank(row: &StringRecord) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}
