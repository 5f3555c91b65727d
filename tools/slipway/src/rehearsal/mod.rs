//! The rehearsal: a whole chain on one machine, real commits through it, and a report of what became of them.
//!
//! Everything that decides is the chain's own (the plane's services, the functions of the commit, the hooks and alarms of
//! its template). The modules here push, watch, send requests, and compare.

mod access;
mod act;
mod bootstrap;
mod build_log;
mod chain;
mod ground;
mod live;
mod load;
mod names;
mod report;
mod scenes;
mod tally;
mod trigger;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Instant;

use slipway_local::{Plane, PlaneOptions};

use crate::cli::{RehearseOptions, Switch};
use crate::console;
use crate::failure::Failure;
use crate::interrupt::unless_interrupted;
use crate::repository::Repository;
use crate::{toolchain, up};
pub use access::{last as last_access, least_policy};
use ground::Ground;
use report::Report;

/// Rehearses as asked.
///
/// # Errors
/// [`Failure::SaidNo`] when a commit did not come to what it should, [`Failure::Environment`] when the rehearsal cannot be
/// set up.
pub async fn run(options: RehearseOptions) -> Result<(), Failure> {
    let report_file = options.json.as_deref().map(writable).transpose()?;
    let build_path = toolchain::ensure().await?;
    let ground = Ground::take()?;
    let source = options.repo.clone().unwrap_or_else(toolchain::project_dir);
    let repository = Repository::clone_head(&source, ground.checkout()).await?;
    if Repository::is_dirty(&source).await {
        console::note("changes that are not committed are not rehearsed");
    }
    let plane = up::start(PlaneOptions {
        port: options.port,
        time_scale: options.time_scale,
        data_dir: Some(ground.plane_dir()),
        build_path,
        enforce_iam: options.iam == Switch::On,
        ..PlaneOptions::default()
    })
    .await?;
    let played = unless_interrupted(play(&options, &source, &repository, &plane)).await;
    let roles = access::of(&plane);
    plane.shutdown().await;
    access::keep(&roles)?;
    if !played.as_ref().is_ok_and(|report| report.passed)
        && let Some(end) = build_log::end_of_failed(&ground.plane_dir())
    {
        console::note(&format!("the end of the last build's log:\n{end}"));
    }
    let report = Report { roles, ..played? };
    console::result(&report.text());
    if let Some(file) = report_file {
        let json = serde_json::to_string_pretty(&report).map_err(|error| Failure::environment("the report", error))?;
        std::fs::write(&file, json).map_err(|error| Failure::environment(file.display(), error))?;
    }
    if report.passed { Ok(()) } else { Err(Failure::SaidNo("the rehearsal did not come to what it should".to_owned())) }
}

async fn play(
    options: &RehearseOptions,
    source: &Path,
    repository: &Repository,
    plane: &Plane,
) -> Result<Report, Failure> {
    let started = Instant::now();
    let baseline = repository.head().await?;
    let acts = match &options.repo {
        None => scenes::own_repository(options, repository, plane, started).await?,
        Some(_) => scenes::other_repository(options, source, repository, plane, started).await?,
    };
    Ok(Report {
        repository: source.display().to_string(),
        baseline: baseline.id,
        time_scale: options.time_scale,
        seconds: started.elapsed().as_secs_f64(),
        passed: acts.iter().all(|act| act.faults.is_empty()),
        acts,
        roles: Vec::new(),
    })
}

/// A file that can be written, found out before an hour's work rather than after.
fn writable(file: &Path) -> Result<PathBuf, Failure> {
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map(|_| file.to_path_buf())
        .map_err(|error| Failure::environment(format!("cannot write {}", file.display()), error))
}
