//! What every store of releases keeps, whatever it is made of. Each case uses stages of its own, so that they may share a table.

use jiff::Timestamp;

use super::{
    Found, ListReleases, ReadReleases, ReleaseRecord, ReleaseState, StageKey, StageState, StoredStage, WriteReleases,
};
use crate::call::CallError;
use crate::ledger::Written;

/// A store that breaks its word.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A call failed.
    #[error("a call failed")]
    Call(#[from] CallError),
    /// Something else was answered than should have been.
    #[error("{0}")]
    Answer(String),
}

/// Tries everything.
///
/// # Errors
/// The first word that is not kept.
pub async fn try_all<S: ReadReleases + ListReleases + WriteReleases + Sync>(store: &S) -> Result<(), Broken> {
    keeps_what_it_is_given(store).await?;
    lets_one_of_several_writers_win(store).await?;
    writes_everything_or_nothing(store).await?;
    lists_the_last_first(store).await
}

async fn keeps_what_it_is_given<S: ReadReleases + ListReleases + WriteReleases + Sync>(
    store: &S,
) -> Result<(), Broken> {
    let stage = stage("keeps")?;
    let asked = ["a".to_owned(), "b".to_owned()];
    let none = StoredStage { state: StageState::default(), revision: 0, records: [].into() };
    same(&store.read_stage(&stage, &asked).await?, &none)?;
    let (state, record) = (entered(&["a"]), record("a", 1));
    same(&store.write_stage(&stage, 0, &state, &[&record]).await?, &Written::Kept(1))?;
    let records = [("a".to_owned(), Found::Record(Box::new(record)))].into();
    same(&store.read_stage(&stage, &asked).await?, &StoredStage { state, revision: 1, records })
}

async fn lets_one_of_several_writers_win<S: ReadReleases + ListReleases + WriteReleases + Sync>(
    store: &S,
) -> Result<(), Broken> {
    let stage = stage("writers")?;
    let (first, second) = (entered(&["a"]), entered(&["b"]));
    same(&store.write_stage(&stage, 1, &first, &[]).await?, &Written::Lost)?;
    same(&store.write_stage(&stage, 0, &first, &[]).await?, &Written::Kept(1))?;
    same(&store.write_stage(&stage, 0, &second, &[]).await?, &Written::Lost)?;
    same(&store.write_stage(&stage, 1, &second, &[]).await?, &Written::Kept(2))?;
    same(&store.write_stage(&stage, 1, &first, &[]).await?, &Written::Lost)?;
    same(&store.read_stage(&stage, &[]).await?.state, &second)
}

async fn writes_everything_or_nothing<S: ReadReleases + ListReleases + WriteReleases + Sync>(
    store: &S,
) -> Result<(), Broken> {
    let stage = stage("together")?;
    let before = record("a", 1);
    store.write_stage(&stage, 0, &entered(&["a"]), &[&before]).await?;
    let after = ReleaseRecord { state: ReleaseState::Executing, ..before.clone() };
    same(&store.write_stage(&stage, 0, &entered(&[]), &[&after, &record("b", 2)]).await?, &Written::Lost)?;
    let stored = store.read_stage(&stage, &["a".to_owned(), "b".to_owned()]).await?;
    same(&stored.records, &[("a".to_owned(), Found::Record(Box::new(before)))].into())
}

async fn lists_the_last_first<S: ReadReleases + ListReleases + WriteReleases + Sync>(store: &S) -> Result<(), Broken> {
    let (stage, other) = (stage("lists")?, stage("lists-2")?);
    let records = [record("b", 1), record("c", 3), record("a", 2)];
    store.write_stage(&stage, 0, &entered(&[]), &records.iter().collect::<Vec<_>>()).await?;
    store.write_stage(&other, 0, &entered(&[]), &[&record("d", 9)]).await?;
    let ids = |listed: Vec<(String, Found)>| listed.into_iter().map(|(release, _)| release).collect::<Vec<_>>();
    same(&ids(store.list_releases(&stage, 9).await?), &vec!["c".to_owned(), "a".to_owned(), "b".to_owned()])?;
    let stages = store.list_stages().await?;
    same(&[&stage, &other].map(|stage| stages.contains(stage)), &[true, true])?;
    same(&ids(store.list_releases(&stage, 2).await?), &vec!["c".to_owned(), "a".to_owned()])
}

fn stage(name: &str) -> Result<StageKey, Broken> {
    let broken = |_| Broken::Answer(format!("{name} is no name of a stage"));
    Ok(StageKey::new(
        &"contract".parse().map_err(|_| Broken::Answer("contract is no name".into()))?,
        &name.parse().map_err(broken)?,
    ))
}

fn entered(releases: &[&str]) -> StageState {
    let mut state = StageState::default();
    for release in releases {
        state.enter(release, false, Timestamp::UNIX_EPOCH);
    }
    state
}

fn record(release: &str, second: i64) -> ReleaseRecord {
    let at = Timestamp::from_second(second).unwrap_or_default();
    ReleaseRecord { reason: Some("expected {{name}}".into()), ..ReleaseRecord::entered(release, "p", "s", at) }
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Broken> {
    if found == expected { Ok(()) } else { Err(Broken::Answer(format!("expected {expected:?}, got {found:?}"))) }
}
