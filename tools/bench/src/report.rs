//! The figures as tables, and what they are in relation to each other and to the bars.

use std::fmt;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use crate::instructions::Instructions;
use crate::package::Size;
use crate::program::Role;
use crate::statistics::Spread;

/// The bars of the contacts API.
const COLD_CPU_MS: f64 = 3.3;
const FIRST_ANSWER_MS: f64 = 1.0;
const WARM_RATIO: f64 = 2.0;
const ZIP_MB: f64 = 2.6;

/// The figures of one program.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    pub name: String,
    pub role: Role,
    pub init_cpu_ms: Spread,
    pub cold_cpu_ms: Spread,
    pub warm_cpu_us: Spread,
    pub first_answer_ms: Spread,
    pub first_answer_under_quota_ms: Option<Spread>,
    pub resident_mb: Spread,
    pub size: Size,
    pub instructions: Option<Instructions>,
}

/// The figures of all programs, the contacts API first.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub rounds: u32,
    pub requests: u32,
    pub quota: f64,
    pub programs: Vec<Figures>,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "GET /contacts/{{id}} over TLS: medians (and quartiles) of {} starts with {} warm requests each.",
            self.rounds, self.requests
        )?;
        writeln!(
            formatter,
            "CPU is on-CPU time of all threads; a first answer is wall time after init, the second one with {:.1} % of a CPU.\n",
            self.quota * 100.0
        )?;
        writeln!(formatter, "{}\n", table(HEADINGS, self.programs.iter().map(row)))?;
        if self.programs.iter().any(|each| each.instructions.is_some()) {
            let rows = self.programs.iter().filter_map(instructions_row);
            writeln!(formatter, "{}\n", table(&["instructions", "init M", "cold M", "warm k"], rows))?;
        }
        if let Some((subject, others)) = self.programs.split_first() {
            if !others.is_empty() {
                writeln!(
                    formatter,
                    "How many times as much as {} the others need:\n{}\n",
                    subject.name,
                    table(RATIO_HEADINGS, others.iter().map(|other| ratios(subject, other)))
                )?;
            }
            write!(formatter, "{}", table(&["bar", "", "measured", "of the bar"], bars(subject, others)))?;
        }
        Ok(())
    }
}

const HEADINGS: &[&str] = &[
    "program",
    "init CPU ms",
    "cold CPU ms",
    "warm CPU µs",
    "first answer ms",
    "with quota ms",
    "RSS MB",
    "program MB",
    "zip MB",
];
const RATIO_HEADINGS: &[&str] =
    &["", "init CPU", "cold CPU", "warm CPU", "first answer", "with quota", "RSS", "program", "zip"];

fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(headings.to_vec()).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn row(figures: &Figures) -> Vec<String> {
    vec![
        figures.name.clone(),
        spread(&figures.init_cpu_ms, 2),
        spread(&figures.cold_cpu_ms, 2),
        spread(&figures.warm_cpu_us, 0),
        spread(&figures.first_answer_ms, 2),
        figures.first_answer_under_quota_ms.as_ref().map_or_else(|| "not measured".to_owned(), |each| spread(each, 2)),
        format!("{:.1}", figures.resident_mb.median),
        format!("{:.2}", megabytes(figures.size.program)),
        format!("{:.2}", megabytes(figures.size.zip)),
    ]
}

fn instructions_row(figures: &Figures) -> Option<Vec<String>> {
    let Instructions { init, cold, warm } = figures.instructions?;
    Some(vec![
        figures.name.clone(),
        format!("{:.2}", init as f64 / 1e6),
        format!("{:.2}", cold as f64 / 1e6),
        format!("{:.0}", warm as f64 / 1e3),
    ])
}

fn ratios(subject: &Figures, other: &Figures) -> Vec<String> {
    let times = |figure: fn(&Figures) -> Option<f64>| match (figure(subject), figure(other)) {
        (Some(own), Some(its)) if own > 0.0 => format!("{:.2}", its / own),
        _ => String::new(),
    };
    vec![
        other.name.clone(),
        times(|figures| Some(figures.init_cpu_ms.median)),
        times(|figures| Some(figures.cold_cpu_ms.median)),
        times(|figures| Some(figures.warm_cpu_us.median)),
        times(|figures| Some(figures.first_answer_ms.median)),
        times(|figures| Some(figures.first_answer_under_quota_ms?.median)),
        times(|figures| Some(figures.resident_mb.median)),
        times(|figures| Some(megabytes(figures.size.program))),
        times(|figures| Some(megabytes(figures.size.zip))),
    ]
}

/// Each bar with the share of it that was measured: under 100 % is better than the bar.
fn bars(subject: &Figures, others: &[Figures]) -> impl Iterator<Item = Vec<String>> {
    let at_most = |what: &str, bar: f64, unit: &str, measured: f64| {
        vec![what.to_owned(), format!("≤ {bar} {unit}"), format!("{measured:.2} {unit}"), percent(measured / bar)]
    };
    // An added program is compared with; without one, the baseline.
    let rival = others.iter().find(|other| other.role == Role::Added).or_else(|| others.first());
    let warm = rival.map(|rival| {
        let times = rival.warm_cpu_us.median / subject.warm_cpu_us.median;
        let what = format!("warm CPU, {} to {}", rival.name, subject.name);
        vec![what, format!("≥ {WARM_RATIO} times"), format!("{times:.2} times"), percent(WARM_RATIO / times)]
    });
    [
        at_most("cold CPU to the first answer", COLD_CPU_MS, "ms", subject.cold_cpu_ms.median),
        at_most("first answer after init", FIRST_ANSWER_MS, "ms", subject.first_answer_ms.median),
        at_most("zip", ZIP_MB, "MB", megabytes(subject.size.zip)),
    ]
    .into_iter()
    .chain(warm)
}

fn spread(spread: &Spread, decimals: usize) -> String {
    let Spread { median, lower_quartile, upper_quartile } = spread;
    format!("{median:.decimals$} ({lower_quartile:.decimals$}–{upper_quartile:.decimals$})")
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(name: &str, role: Role, value: f64) -> Figures {
        let spread = Spread { median: value, lower_quartile: value, upper_quartile: value };
        Figures {
            name: name.to_owned(),
            role,
            init_cpu_ms: spread,
            cold_cpu_ms: spread,
            warm_cpu_us: spread,
            first_answer_ms: spread,
            first_answer_under_quota_ms: None,
            resident_mb: spread,
            size: Size { program: 1_000_000, zip: 1_300_000 },
            instructions: None,
        }
    }

    #[test]
    fn ratios_say_how_many_times_as_much_the_other_needs() {
        let row = ratios(&figures("own", Role::Subject, 2.0), &figures("other", Role::Baseline, 5.0));
        assert_eq!(row, ["other", "2.50", "2.50", "2.50", "2.50", "", "2.50", "1.00", "1.00"]);
    }

    #[test]
    fn bars_compare_warm_cpu_with_an_added_program_before_the_baseline() {
        let others = [figures("defaults", Role::Baseline, 8.0), figures("demo", Role::Added, 6.0)];
        let rows: Vec<_> = bars(&figures("own", Role::Subject, 1.65), &others).collect();
        assert_eq!(rows[0], ["cold CPU to the first answer", "≤ 3.3 ms", "1.65 ms", "50 %"]);
        assert_eq!(rows[2], ["zip", "≤ 2.6 MB", "1.30 MB", "50 %"]);
        assert_eq!(rows[3], ["warm CPU, demo to own", "≥ 2 times", "3.64 times", "55 %"]);
    }

    #[test]
    fn a_figure_that_was_not_measured_says_so() {
        let report =
            Report { rounds: 3, requests: 10, quota: 0.072, programs: vec![figures("own", Role::Subject, 1.0)] };
        let text = report.to_string();
        assert!(text.contains("not measured") && text.contains("7.2 %"), "{text}");
    }
}
