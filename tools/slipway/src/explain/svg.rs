//! Both versions over time, as a picture: a panel for each metric. Pure.

use std::fmt::Write as _;

use quick_xml::escape::escape;
use slipway_shared::ledger::{Entry, MetricEntry};

use super::plot::{highest, rates};

const WIDTH: f64 = 720.0;
/// A panel's height, with its title and the space below it.
const PANEL: f64 = 150.0;
/// The plot within a panel: left, top, right, bottom.
const PLOT: (f64, f64, f64, f64) = (60.0, 30.0, 700.0, 120.0);
const CURRENT: &str = "#4a6fa5";
const TARGET: &str = "#c8553d";

/// The picture of the metrics that gates compared.
pub(super) fn of(entries: &[Entry]) -> String {
    let metrics: Vec<(&Entry, &MetricEntry)> =
        entries.iter().flat_map(|entry| entry.metrics.iter().map(move |metric| (entry, metric))).collect();
    let height = PANEL * metrics.len().max(1) as f64;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    if metrics.is_empty() {
        picture.push_str("<text x=\"20\" y=\"40\">nothing was compared</text>\n");
    }
    for (number, (entry, metric)) in metrics.into_iter().enumerate() {
        let _ =
            write!(picture, "<g transform=\"translate(0 {})\">\n{}</g>\n", PANEL * number as f64, panel(entry, metric));
    }
    picture + "</svg>\n"
}

fn panel(entry: &Entry, metric: &MetricEntry) -> String {
    let (left, top, right, bottom) = PLOT;
    let (current, target) = rates(&metric.series);
    let most = highest(&current).max(highest(&target));
    let title = format!("{} {}: {} ({})", entry.function, entry.gate, metric.name, metric.class);
    let mut panel = format!("<text x=\"{left}\" y=\"20\" font-weight=\"bold\">{}</text>\n", escape(&title));
    let _ = writeln!(panel, "<path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#999\"/>");
    let percent = |rate: f64| format!("{:.1} %", 100.0 * rate);
    let _ =
        writeln!(panel, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", left - 6.0, top + 6.0, percent(most));
    let _ = writeln!(panel, "<text x=\"{}\" y=\"{bottom}\" text-anchor=\"end\">0</text>", left - 6.0);
    if let (Some(first), Some(last)) = (metric.series.first(), metric.series.last()) {
        let below = bottom + 16.0;
        let _ = writeln!(panel, "<text x=\"{left}\" y=\"{below}\">{}</text>", first.at);
        let _ = writeln!(panel, "<text x=\"{right}\" y=\"{below}\" text-anchor=\"end\">{}</text>", last.at);
    }
    let version = |version: Option<&str>| escape(version.unwrap_or("?")).into_owned();
    for (rates, colour, label, y) in [
        (&current, CURRENT, format!("current, version {}", version(entry.current_version.as_deref())), top),
        (&target, TARGET, format!("target, version {}", version(Some(&entry.target_version))), top + 16.0),
    ] {
        panel.push_str(&lines(rates, most, colour));
        let _ = writeln!(
            panel,
            "<text x=\"{right}\" y=\"{}\" text-anchor=\"end\" fill=\"{colour}\">{label}</text>",
            y - 10.0
        );
    }
    panel
}

/// A line through the rates, broken where there were no requests, with a dot for each rate.
fn lines(rates: &[Option<f64>], most: f64, colour: &str) -> String {
    let (left, top, right, bottom) = PLOT;
    let step = (right - left) / rates.len().saturating_sub(1).max(1) as f64;
    let share = |rate: f64| if most > 0.0 { rate / most } else { 0.0 };
    let place = |(number, rate): (usize, &Option<f64>)| {
        rate.map(|rate| (left + step * number as f64, bottom - (bottom - top) * share(rate)))
    };
    let places: Vec<Option<(f64, f64)>> = rates.iter().enumerate().map(place).collect();
    let mut drawn = String::new();
    for run in places.split(Option::is_none).filter(|run| !run.is_empty()) {
        let points: Vec<String> = run.iter().flatten().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            drawn,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        );
    }
    for (x, y) in places.iter().flatten() {
        let _ = writeln!(drawn, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\" fill=\"{colour}\"/>");
    }
    drawn
}

#[cfg(test)]
mod tests {
    use slipway_shared::ledger::Gate;
    use slipway_shared::ledger::contract::sample;

    use super::*;

    #[test]
    fn a_picture_has_a_panel_for_each_metric_and_both_versions_in_it() {
        let mut entry = sample("d-1", Gate::AllowTraffic);
        entry.metrics[0].name = "slower than <5> ms & more".into();
        let picture = of(&[entry]);
        assert!(picture.contains("slower than &lt;5&gt; ms &amp; more"), "{picture}");
        assert!(picture.contains(CURRENT) && picture.contains(TARGET) && picture.contains("40.0 %"));
        let mut reader = quick_xml::Reader::from_str(&picture);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }

    #[test]
    fn a_picture_of_nothing_says_so() {
        assert!(of(&[]).contains("nothing was compared"));
    }
}
