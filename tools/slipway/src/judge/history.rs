//! The observations of a file, by deployment and look.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use indexmap::{IndexMap, IndexSet};
use slipway_shared::judge::{Counts, Pair};

use super::observation::{LineFault, Observation, Version};
use super::time::At;

/// Deployments in the order in which the file names them first.
#[derive(Debug, Default)]
pub struct History {
    deployments: IndexMap<Option<String>, Past>,
}

/// The past of one deployment.
#[derive(Debug, Default)]
pub struct Past {
    metrics: IndexSet<String>,
    looks: BTreeMap<i128, Look>,
}

/// The lines with the same time.
#[derive(Debug)]
pub struct Look {
    /// The time, as the first of the lines has it.
    pub at: At,
    /// By metric: what was read of either version, and in which line.
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    target: Option<Entry>,
    current: Option<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    counts: Counts,
    line: usize,
}

/// A fault of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    line: usize,
    column: Option<usize>,
    text: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.line)?;
        if let Some(column) = self.column {
            write!(f, "{column}:")?;
        }
        write!(f, " {}", self.text)
    }
}

impl History {
    /// Reads the lines. Empty ones are passed over.
    ///
    /// # Errors
    /// Fails with the faults of all lines, or if there is no observation.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        // Editors of some systems begin a file with it.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let (mut history, mut faults) = (Self::default(), Vec::new());
        for (line, content) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if content.trim_ascii().is_empty() {
                continue;
            }
            let read = Observation::read(content).and_then(|observation| history.insert(observation, line));
            if let Err(LineFault { column, text }) = read {
                faults.push(Fault { line, column, text });
            }
        }
        if faults.is_empty() && history.deployments.is_empty() {
            faults.push(Fault { line: 1, column: None, text: "no observation in the whole of it".to_owned() });
        }
        if faults.is_empty() { Ok(history) } else { Err(faults) }
    }

    /// The deployments, in the order in which the file names them first.
    pub fn deployments(&self) -> impl Iterator<Item = (Option<&str>, &Past)> {
        self.deployments.iter().map(|(name, past)| (name.as_deref(), past))
    }

    fn insert(&mut self, observation: Observation, line: usize) -> Result<(), LineFault> {
        let Observation { deployment, at, version, metric, counts } = observation;
        self.deployments.entry(deployment).or_default().insert(at, version, metric, Entry { counts, line })
    }
}

impl Past {
    /// The names of the metrics, in the order in which the file names them first.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(String::as_str)
    }

    /// The looks, in the order of their times.
    pub fn looks(&self) -> impl DoubleEndedIterator<Item = &Look> {
        self.looks.values()
    }

    fn insert(&mut self, at: At, version: Version, metric: String, entry: Entry) -> Result<(), LineFault> {
        let metric = match self.metrics.get_index_of(&metric) {
            Some(metric) => metric,
            None => self.metrics.insert_full(metric).0,
        };
        let look = self.looks.entry(at.nanoseconds()).or_insert_with(|| Look { at, cells: Vec::new() });
        if look.cells.len() <= metric {
            look.cells.resize(metric + 1, Cell::default());
        }
        let cell = &mut look.cells[metric];
        let place = match version {
            Version::Target => &mut cell.target,
            Version::Current => &mut cell.current,
        };
        if let Some(first) = place {
            let text = format!(
                "the {} version's {} at {} was told in line {} already",
                version.as_str(),
                self.metrics[metric],
                look.at,
                first.line
            );
            return Err(LineFault { column: None, text });
        }
        *place = Some(entry);
        Ok(())
    }
}

impl Look {
    /// The pairs, by the number of their metric. A version without a line had no requests.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, Pair)> {
        let counts = |entry: Option<Entry>| entry.map(|entry| entry.counts).unwrap_or_default();
        self.cells
            .iter()
            .map(move |cell| Pair { target: counts(cell.target), current: counts(cell.current) })
            .enumerate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(deployment: &str, at: &str, version: &str, metric: &str, bad: u64) -> String {
        format!(
            "{{\"deployment\":\"{deployment}\",\"at\":{at},\"version\":\"{version}\",\"metric\":\"{metric}\",\"requests\":100,\"bad\":{bad}}}\n"
        )
    }

    fn faults(text: &str) -> Vec<String> {
        History::read(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn deployments_are_taken_apart_in_the_order_of_their_first_lines() {
        let text = line("b", "60", "target", "errors", 1)
            + &line("a", "60", "target", "errors", 2)
            + &line("b", "60", "current", "errors", 3);
        let history = History::read(text.as_bytes()).unwrap();
        assert_eq!(history.deployments().map(|(name, _)| name.unwrap()).collect::<Vec<_>>(), ["b", "a"]);
        let (_, first) = history.deployments().next().unwrap();
        let pairs: Vec<_> =
            first.looks().flat_map(Look::pairs).map(|(_, pair)| (pair.target.bad(), pair.current.bad())).collect();
        assert_eq!(pairs, [(1, 3)]);
    }

    #[test]
    fn looks_go_by_their_times_whatever_the_order_of_the_lines() {
        let text = line("a", "90", "target", "errors", 3)
            + &line("a", "30", "target", "errors", 1)
            + &line("a", "60.5", "target", "errors", 2);
        let history = History::read(text.as_bytes()).unwrap();
        let (_, past) = history.deployments().next().unwrap();
        let bad: Vec<_> = past.looks().flat_map(Look::pairs).map(|(_, pair)| pair.target.bad()).collect();
        assert_eq!(bad, [1, 2, 3]);
    }

    #[test]
    fn a_version_without_a_line_had_no_requests() {
        let text = line("a", "30", "target", "errors", 1) + &line("a", "30", "current", "slow", 2);
        let history = History::read(text.as_bytes()).unwrap();
        let (_, past) = history.deployments().next().unwrap();
        let requests: Vec<_> = past
            .looks()
            .flat_map(Look::pairs)
            .map(|(_, pair)| (pair.target.requests(), pair.current.requests()))
            .collect();
        assert_eq!(requests, [(100, 0), (0, 100)]);
    }

    #[test]
    fn every_fault_of_a_file_is_told_with_its_line() {
        let text =
            ["{}\n", "\n", &line("a", "1", "target", "errors", 1), &line("a", "1", "target", "errors", 101), "x"]
                .concat();
        assert_eq!(
            faults(&text),
            ["1:2: missing field `at`", "4: 101 bad of 100 requests", "5:1: an observation is a JSON object"]
        );
    }

    #[test]
    fn a_count_that_is_told_twice_is_a_fault_that_names_both_lines() {
        let text = line("a", "1", "target", "errors", 1)
            + &line("b", "1", "target", "errors", 1)
            + &line("a", "1.0", "target", "errors", 2);
        assert_eq!(faults(&text), ["3: the target version's errors at 1 s was told in line 1 already"]);
    }

    #[test]
    fn a_file_without_an_observation_is_a_fault() {
        for text in ["", "\n\n  \n", "\u{feff}"] {
            assert_eq!(faults(text), ["1: no observation in the whole of it"], "{text:?}");
        }
    }

    #[test]
    fn marks_of_other_systems_are_passed_over() {
        let text = format!("\u{feff}{}\r\n\r\n", line("a", "1", "target", "errors", 1).trim_end());
        assert_eq!(History::read(text.as_bytes()).unwrap().deployments().count(), 1);
    }
}
