//! The live view: where the commit is, redrawn on a terminal, silent elsewhere.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use super::build_log;
use super::load::{Load, Sample};
use super::watch::Watch;
use crate::console;

/// The pause between two drawings.
const REDRAW: Duration = Duration::from_millis(250);
/// The number of the newest moments that are shown.
const MOMENTS: usize = 6;

/// A live view. It is wiped when it is dropped.
#[derive(Debug)]
pub struct Live {
    bars: MultiProgress,
    drawer: JoinHandle<()>,
}

impl Live {
    /// Shows `title`, what `watch` sees, what the build below `plane_dir` says and what `load` counts.
    pub fn show(title: &str, watch: Arc<Watch>, load: Option<Arc<Load>>, plane_dir: PathBuf) -> Self {
        let target = if console::is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bars = MultiProgress::with_draw_target(target);
        let line = |style: &str| {
            let bar = bars.add(ProgressBar::new(100));
            // A template that indicatif does not know shows as a plain line.
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        };
        let header = line("{spinner} {msg} {elapsed}");
        let moments: Vec<ProgressBar> = (0..MOMENTS).map(|_| line("    {wide_msg:.dim}")).collect();
        let build = line("  build {wide_msg:.dim}");
        let weight = line("  new version {bar:40} {msg}");
        let users = line("  users {msg}");
        header.set_message(title.to_owned());
        let drawer = tokio::spawn(async move {
            loop {
                header.tick();
                let seen = watch.since(watch.mark().saturating_sub(MOMENTS));
                for (bar, moment) in moments.iter().zip(seen) {
                    bar.set_message(format!("{:7.1}s {}", moment.real_seconds, moment.what));
                }
                build.set_message(build_log::newest_line(&plane_dir).unwrap_or_default());
                if let Some(now) = watch.weight() {
                    let share = now.additional.as_ref().map_or(0.0, |(_, share)| *share);
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a share is from 0 to 1"
                    )]
                    weight.set_position((share * 100.0) as u64);
                    let other = now.additional.map(|(version, _)| format!(", v{version}: {:.0} %", share * 100.0));
                    weight.set_message(format!(
                        "v{}: {:.0} %{}",
                        now.current,
                        (1.0 - share) * 100.0,
                        other.unwrap_or_default()
                    ));
                }
                if let Some(load) = &load {
                    users.set_message(users_line(&load.samples()));
                }
                tokio::time::sleep(REDRAW).await;
            }
        });
        Self { bars, drawer }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.drawer.abort();
        // A terminal that is gone needs no wiping.
        let _ = self.bars.clear();
    }
}

/// Requests and errors by version.
fn users_line(samples: &[Sample]) -> String {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for sample in samples {
        let count = counts.entry(sample.version.as_deref().unwrap_or("nobody")).or_default();
        count.0 += 1;
        count.1 += u64::from(sample.is_error());
    }
    let parts: Vec<String> = counts
        .iter()
        .map(|(version, (sent, errors))| format!("v{version}: {sent} requests, {errors} errors"))
        .collect();
    parts.join("   ")
}
