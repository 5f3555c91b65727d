//! Measures what `docs/verdicts.md` says of the judge, on simulated deployments: `cargo verdicts` prints the figures, and
//! `cargo verdicts --write` puts them into the document. `--speed` prints the last of them, and `--observations` as many deployments
//! for `cargo slipway judge`. The same seed gives the same figures.

mod durations;
mod figures;
mod observations;
mod scenario;
mod speed;

use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

/// The lines of the document between which the figures stand.
const MARKS: [&str; 2] = ["<!-- cargo verdicts --write: from here -->\n", "<!-- to here -->\n"];

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == "--speed") {
        return writeln!(io::stdout(), "{}", figures::looks());
    }
    if env::args().any(|argument| argument == "--observations") {
        return observations::write(io::stdout().lock());
    }
    let figures = figures::all();
    if !env::args().any(|argument| argument == "--write") {
        return io::stdout().write_all(figures.as_bytes());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verdicts.md");
    let document = fs::read_to_string(&path)?;
    let parts = document.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?.1)));
    let Some((before, after)) = parts else {
        return Err(io::Error::other(format!("{}: the marks of the figures are not there", path.display())));
    };
    fs::write(&path, format!("{before}{}{figures}{}{after}", MARKS[0], MARKS[1]))
}
