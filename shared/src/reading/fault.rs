//! Faults and where they are collected.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

/// One fault of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, as it was named; empty for a text that is no file.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 if lines are not known.
    pub line: usize,
    /// The column, counted from 1; 0 if columns are not known.
    pub column: usize,
    /// The JSON pointer (RFC 6901) of the part that is at fault.
    pub pointer: String,
    /// The fault in words.
    pub message: String,
}

/// `file:line:column: message`, or `pointer: message` where no lines are known.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.pointer.as_str()) {
            (0, "") => f.write_str(&self.message),
            (0, pointer) => write!(f, "{pointer}: {}", self.message),
            (line, _) => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.message),
        }
    }
}

/// Every fault of a text, in the order of their places; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The faults, in the order of their places.
    #[must_use]
    pub fn list(&self) -> &[Fault] {
        &self.0
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

/// Takes the faults of one or more texts while they are read.
#[derive(Debug, Default)]
pub struct Collector(RefCell<Vec<Fault>>);

impl Collector {
    /// Takes one fault.
    pub fn add(&self, fault: Fault) {
        self.0.borrow_mut().push(fault);
    }

    /// Ends the reading: the value, if it is there and nothing was at fault.
    ///
    /// # Errors
    /// Every fault, each once. A value that is missing without a fault is one, too: nothing passes because nobody said why.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Faults> {
        let mut faults = self.0.into_inner();
        faults.sort();
        faults.dedup();
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            None if faults.is_empty() => {
                let (file, pointer, message) = ("".into(), String::new(), "it cannot be read".to_owned());
                Err(Fault { file, line: 0, column: 0, pointer, message }.into())
            }
            _ => Err(Faults(faults)),
        }
    }
}
