//! Verdicts for a person.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use slipway_shared::judge::{Counts, MetricJudgement, Outcome};

use super::verdict::Verdict;

/// All verdicts, with a sum at the end if there are several.
pub fn of(verdicts: &[Verdict<'_>]) -> String {
    let mut blocks: Vec<_> = verdicts.iter().map(block).collect();
    if verdicts.len() > 1 {
        let of = |outcome| verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
        blocks.push(format!(
            "{} deployments: {} passed, {} failed, {} inconclusive",
            verdicts.len(),
            of(Outcome::Passed),
            of(Outcome::Failed),
            of(Outcome::Inconclusive)
        ));
    }
    blocks.join("\n\n")
}

fn block(verdict: &Verdict<'_>) -> String {
    let name = verdict.deployment.unwrap_or("the deployment");
    let decided = verdict.decided_at.map(|at| format!(" at {at}")).unwrap_or_default();
    let looks = match verdict.looks {
        1 => "one look".to_owned(),
        looks => format!("{looks} looks"),
    };
    let mut text = format!(
        "{name}: {}{decided}, after {looks}; score {}, evidence {} of {}\n",
        verdict.outcome.as_str(),
        number(verdict.score),
        number(verdict.evidence),
        number(verdict.enough)
    );
    for reason in &verdict.reasons {
        text += &format!("  {reason}\n");
    }
    text + &table(&verdict.metrics).to_string()
}

fn table(metrics: &[MetricJudgement]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(["metric", "class", "target", "current", "times the odds", "interval", "evidence"]);
    for metric in metrics {
        table.add_row([
            metric.metric.clone(),
            format!("{:?}", metric.class),
            counts(metric.target),
            counts(metric.current),
            metric.estimate.map_or_else(|| "-".to_owned(), number),
            interval(metric.interval),
            number(metric.evidence),
        ]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn counts(counts: Counts) -> String {
    let share = counts.rate().map(|rate| format!(" ({} %)", number(100.0 * rate))).unwrap_or_default();
    format!("{} of {}{share}", counts.bad(), counts.requests())
}

fn interval((low, high): (f64, Option<f64>)) -> String {
    let high = high.map_or_else(|| "∞".to_owned(), number);
    format!("{} to {high}", number(low))
}

/// Three figures of a number, or as many as it has before the point.
fn number(value: f64) -> String {
    if value >= 1e6 || (value > 0.0 && value < 0.01) {
        return format!("{value:.1e}");
    }
    let before = if value >= 1.0 { value.log10().floor() as usize + 1 } else { 1 };
    let text = format!("{value:.*}", 3_usize.saturating_sub(before));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_figures_as_a_person_reads() {
        let numbers = [0.0, 0.004, 0.333, 1.0, 1.755, 12.34, 123.456, 4567.8, 2.5e9].map(number);
        assert_eq!(numbers, ["0", "4.0e-3", "0.33", "1", "1.75", "12.3", "123", "4568", "2.5e9"]);
    }

    #[test]
    fn an_interval_without_an_end_is_open() {
        assert_eq!([interval((0.5, Some(2.0))), interval((1.5, None))], ["0.5 to 2", "1.5 to ∞"]);
    }
}
