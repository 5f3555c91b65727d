//! The scenes that are played: this repository with a good commit and two bad ones, or four, or one push of another repository.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use deploy_trigger::Checksums;
use serde_json::json;
use slipway_local::Plane;
use slipway_shared::telemetry::Chain as Causes;

use super::act::{Act, Expectation, Outcome, Stage};
use super::bootstrap::{self, Pipeline};
use super::chain::{Chain, Stack};
use super::live::Live;
use super::load::{Load, Profile, ProfileError};
use super::names::Names;
use super::trigger::Trigger;
use super::watch::Watch;
use crate::cli::RehearseOptions;
use crate::console;
use crate::failure::Failure;
use crate::repository::Repository;

/// The stage that is rehearsed: the one with the canary.
const STAGE: &str = "production";

/// The pipeline's template for repositories that have none of their own.
const PIPELINE_TEMPLATE: &str = include_str!("../../../../pipeline.yaml");

/// The load profile of the contacts API's users.
const CONTACTS_LOAD: &str = include_str!("../../load/contacts.json");

/// A commit of the rehearsal's own.
struct Scene {
    title: &'static str,
    /// The patch for `git apply`; its first line is the commit's subject.
    patch: &'static str,
    expected: Expectation,
    /// True if the next commit goes on top of this one.
    stays: bool,
    /// True if it is played only when all are asked for.
    is_extra: bool,
}

/// In order; each applies to what the ones that stay have left.
const SCENES: &[Scene] = &[
    Scene {
        title: "a good commit",
        patch: include_str!("../../commits/good.patch"),
        expected: Expectation::Promoted,
        stays: true,
        is_extra: false,
    },
    Scene {
        title: "a commit that answers wrongly",
        patch: include_str!("../../commits/wrong-answer.patch"),
        expected: Expectation::StoppedBeforeTraffic,
        stays: false,
        is_extra: false,
    },
    Scene {
        title: "a commit that answers one request in eight with 500 and no function error",
        patch: include_str!("../../commits/silent-failures.patch"),
        expected: Expectation::StoppedByTheWatch,
        stays: false,
        is_extra: false,
    },
    Scene {
        title: "a commit that fails one request in five under load",
        patch: include_str!("../../commits/flaky-under-load.patch"),
        expected: Expectation::RolledBackInCanary,
        stays: false,
        is_extra: true,
    },
    Scene {
        title: "a commit that makes lists 150 ms slower",
        patch: include_str!("../../commits/slow-lists.patch"),
        expected: Expectation::StoppedByTheWatch,
        stays: false,
        is_extra: true,
    },
];

/// Rehearses this repository: a baseline, then the scenes, users sending requests all the while.
pub async fn own_repository(
    options: &RehearseOptions,
    repository: &Repository,
    plane: &Plane,
    started: Instant,
) -> Result<Vec<Act>, Failure> {
    let profile = load_profile(options.load.as_deref(), || Profile::parse(CONTACTS_LOAD))?;
    let chain = Chain::new(Arc::clone(plane.hub()), Names::of("slipway", STAGE));
    let template = read(repository, "pipeline.yaml")?;
    console::note("bootstrap: the pipeline's stack, then the first release of the baseline");
    let bootstrapping = watch_bootstrap(&chain, started);
    let pipeline = bootstrap::create_pipeline(&chain, &template, "rehearsal").await?;
    let trigger = Trigger::new(plane, chain.names(), &pipeline, Checksums::Required)?;
    let (chain, stack) = baseline(chain, repository, &pipeline, &trigger, started).await?;
    drop(bootstrapping);
    let load = start_load(&stack, profile, plane, options.rate).await?;
    let watch = Arc::new(Watch::start(chain.clone(), started));
    let mut acts = Vec::new();
    let asked = SCENES.iter().filter(|scene| options.all || !scene.is_extra);
    for scene in asked.take(if options.short { 1 } else { SCENES.len() }) {
        let commit = repository.commit_patch(scene.patch).await?;
        let stage = stage(&chain, repository, &pipeline, &watch, load.as_deref());
        let _live = Live::show(scene.title, Arc::clone(&watch), load.clone(), chain.hub().data_dir.clone());
        acts.push(stage.play(scene.title, &commit, Some(scene.expected)).await?);
        if !scene.stays {
            repository.undo_commit().await?;
        }
    }
    Ok(acts)
}

/// Rehearses one push of another repository: its HEAD, over the commit before it where there is one.
pub async fn other_repository(
    options: &RehearseOptions,
    source: &Path,
    repository: &Repository,
    plane: &Plane,
    started: Instant,
) -> Result<Vec<Act>, Failure> {
    for file in ["template.yaml", "buildspec.yml"] {
        read(repository, file)?;
    }
    let profile = load_profile(options.load.as_deref(), || Ok(Profile::front_page()))?;
    let chain = Chain::new(Arc::clone(plane.hub()), Names::of(&application_of(source), STAGE));
    check_template(&chain, &read(repository, "template.yaml")?).await?;
    let pipeline = bootstrap::create_pipeline(&chain, PIPELINE_TEMPLATE, "release").await?;
    let trigger = Trigger::new(plane, chain.names(), &pipeline, Checksums::WherePresent)?;
    let head = repository.head().await?;
    let first = match repository.parent().await {
        Some(id) => crate::repository::Commit { id, subject: "the commit before".to_owned() },
        None => head.clone(),
    };
    console::note("bootstrap: the first release");
    let bootstrapping = watch_bootstrap(&chain, started);
    let execution = bootstrap::build(&chain, repository, &pipeline.remote, &first).await?;
    let stack = bootstrap::first_release(&chain, &trigger, &execution).await?;
    drop(bootstrapping);
    let chain = with_function(chain).await?;
    let load = start_load(&stack, profile, plane, options.rate).await?;
    let watch = Arc::new(Watch::start(chain.clone(), started));
    if first.id == head.id {
        console::note("the repository has one commit: it was released, and there is nothing to shift from");
        return Ok(Vec::new());
    }
    let _live = Live::show("one push", Arc::clone(&watch), load.clone(), chain.hub().data_dir.clone());
    let stage = stage(&chain, repository, &pipeline, &watch, load.as_deref());
    let mut act = tokio::select! {
        played = stage.play("one push", &head, None) => played?,
        never = trigger.follow(&chain, &head.id) => match never {},
    };
    if !matches!(act.outcome, Outcome::Promoted | Outcome::Unchanged) {
        act.faults.push(format!("the commit was not promoted: {}", act.reason));
    }
    Ok(vec![act])
}

/// Refuses a template before anything is built for it.
async fn check_template(chain: &Chain, template: &str) -> Result<(), Failure> {
    let input = json!({ "TemplateBody": template });
    chain
        .hub()
        .call("cloudformation", "ValidateTemplate", input)
        .await
        .map(drop)
        .map_err(|error| Failure::SaidNo(format!("template.yaml: {}", error.message)))
}

async fn baseline(
    chain: Chain,
    repository: &Repository,
    pipeline: &Pipeline,
    trigger: &Trigger,
    started: Instant,
) -> Result<(Chain, Stack), Failure> {
    let commit = repository.head().await?;
    let execution = bootstrap::build(&chain, repository, &pipeline.remote, &commit).await?;
    console::note(&format!("{:7.1}s  the baseline is built", started.elapsed().as_secs_f64()));
    let stack = bootstrap::first_release(&chain, trigger, &execution).await?;
    console::note(&format!("{:7.1}s  the baseline is live", started.elapsed().as_secs_f64()));
    Ok((with_function(chain).await?, stack))
}

/// A view of the bootstrap, for as long as it is kept.
fn watch_bootstrap(chain: &Chain, started: Instant) -> (Arc<Watch>, Live) {
    let watch = Arc::new(Watch::start(chain.clone(), started));
    let live = Live::show("bootstrap", Arc::clone(&watch), None, chain.hub().data_dir.clone());
    (watch, live)
}

/// The same chain, knowing which function's alias is shifted.
async fn with_function(chain: Chain) -> Result<Chain, Failure> {
    let mut names = chain.names().clone();
    if let Some((function, alias)) = bootstrap::shifted_alias(&chain).await? {
        names.function = Some(function);
        names.alias = alias;
    }
    Ok(Chain::new(Arc::clone(chain.hub()), names))
}

fn stage<'a>(
    chain: &'a Chain,
    repository: &'a Repository,
    pipeline: &'a Pipeline,
    watch: &'a Watch,
    load: Option<&'a Load>,
) -> Stage<'a> {
    Stage { chain, repository, remote: &pipeline.remote, watch, load }
}

/// Users, if the stack has an output that is a URL of the plane.
async fn start_load(stack: &Stack, profile: Profile, plane: &Plane, rate: u32) -> Result<Option<Arc<Load>>, Failure> {
    let mut urls = stack.outputs.iter().map(|(_, value)| value).filter(|value| value.starts_with("http://127.0.0.1"));
    let Some(url) = urls.next() else { return Ok(None) };
    let load = Load::start(url, profile, &plane.issuer(), rate).await;
    load.map(|load| Some(Arc::new(load))).map_err(|error| Failure::environment("the users have no tokens", error))
}

/// The profile of a file, or the one that goes without.
fn load_profile(file: Option<&Path>, own: impl Fn() -> Result<Profile, ProfileError>) -> Result<Profile, Failure> {
    let Some(file) = file else { return own().map_err(|error| Failure::environment("the rehearsal", Causes(&error))) };
    let cannot = |error: &dyn std::fmt::Display| Failure::environment(format!("cannot use {}", file.display()), error);
    let text = std::fs::read_to_string(file).map_err(|error| cannot(&error))?;
    Profile::parse(&text).map_err(|error| cannot(&Causes(&error)))
}

fn read(repository: &Repository, file: &str) -> Result<String, Failure> {
    std::fs::read_to_string(repository.directory().join(file))
        .map_err(|error| Failure::environment(format!("the repository's {file} cannot be read"), error))
}

/// A legal application name from the directory's.
fn application_of(source: &Path) -> String {
    let directory = source.canonicalize().unwrap_or_else(|_| source.to_path_buf());
    let name = directory.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let legal: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let legal: String = legal.trim_matches(|c: char| !c.is_ascii_lowercase()).chars().take(20).collect();
    if legal.is_empty() { "application".to_owned() } else { legal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_names_are_legal() {
        assert_eq!(application_of(Path::new("/x/My_App.2")), "my-app");
        assert_eq!(application_of(Path::new("/x/123")), "application");
    }
}
