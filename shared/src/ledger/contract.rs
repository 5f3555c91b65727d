//! What every ledger keeps, whatever it is made of. Each case uses deployments of its own, so that they may share a table.

use jiff::Timestamp;

use super::{
    Basis, CheckEntry, Entry, Gate, Gathering, MetricEntry, Notice, Point, ReadGathering, ReadLedger, Sample, Stored,
    StoredGathering, WriteGathering, WriteLedger, Written,
};
use crate::call::CallError;

/// A ledger that breaks its word.
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
pub async fn try_all<L>(ledger: &L) -> Result<(), Broken>
where
    L: ReadLedger + WriteLedger + ReadGathering + WriteGathering + Sync,
{
    keeps_one_gathering_of_each_stack(ledger).await?;
    keeps_what_it_is_given(ledger).await?;
    lets_one_of_several_writers_win(ledger).await?;
    keeps_gates_and_deployments_apart(ledger).await?;
    keeps_braces(ledger).await
}

async fn keeps_what_it_is_given<L: ReadLedger + WriteLedger + Sync>(ledger: &L) -> Result<(), Broken> {
    let entry = sample("d-KEEPS", Gate::AllowTraffic);
    same(&ledger.read_entry(&entry.deployment_id, entry.gate).await?, &None)?;
    same(&ledger.write_entry(&entry, Basis::Nothing).await?, &Written::Kept(1))?;
    same(&ledger.read_entry(&entry.deployment_id, entry.gate).await?, &Some(Stored { entry, revision: 1 }))
}

async fn lets_one_of_several_writers_win<L: ReadLedger + WriteLedger + Sync>(ledger: &L) -> Result<(), Broken> {
    let first = sample("d-WRITERS", Gate::AllowTraffic);
    let second = Entry { verdict: "passed".into(), ..first.clone() };
    same(&ledger.write_entry(&first, Basis::Revision(1)).await?, &Written::Lost)?;
    same(&ledger.write_entry(&first, Basis::Nothing).await?, &Written::Kept(1))?;
    same(&ledger.write_entry(&second, Basis::Nothing).await?, &Written::Lost)?;
    same(&ledger.write_entry(&second, Basis::Revision(1)).await?, &Written::Kept(2))?;
    same(&ledger.write_entry(&first, Basis::Revision(1)).await?, &Written::Lost)?;
    same(&ledger.read_entry(&first.deployment_id, first.gate).await?, &Some(Stored { entry: second, revision: 2 }))
}

async fn keeps_gates_and_deployments_apart<L: ReadLedger + WriteLedger + Sync>(ledger: &L) -> Result<(), Broken> {
    let (before, watch) = (sample("d-APART", Gate::BeforeAllowTraffic), sample("d-APART", Gate::AllowTraffic));
    for entry in [&watch, &before, &sample("d-APART1", Gate::AllowTraffic)] {
        same(&ledger.write_entry(entry, Basis::Nothing).await?, &Written::Kept(1))?;
    }
    let found = ledger.list_entries(&before.deployment_id).await?;
    same(&found.into_iter().map(|stored| stored.entry).collect(), &vec![before, watch])
}

/// Parameter Store refuses such a value; a reason may quote one.
async fn keeps_braces<L: ReadLedger + WriteLedger + Sync>(ledger: &L) -> Result<(), Broken> {
    let entry =
        Entry { reasons: vec!["expected {{name}}, got {{ }}".into()], ..sample("d-BRACES", Gate::AllowTraffic) };
    ledger.write_entry(&entry, Basis::Nothing).await?;
    let found = ledger.read_entry(&entry.deployment_id, entry.gate).await?;
    same(&found.map(|stored| stored.entry), &Some(entry))
}

async fn keeps_one_gathering_of_each_stack<L: ReadGathering + WriteGathering + Sync>(ledger: &L) -> Result<(), Broken> {
    let members = vec![("a".to_owned(), "live".to_owned()), ("b".to_owned(), "live".to_owned())];
    let first = Gathering::of("gathers", "e-1", Timestamp::UNIX_EPOCH, members, vec!["c waits for a".into()]);
    let other = Gathering { stack: "gathers-2".into(), ..first.clone() };
    let second = Gathering { release: "e-2".into(), failure: Some("no".into()), over: true, ..first.clone() };
    same(&ledger.read_gathering("gathers").await?, &None)?;
    same(&ledger.write_gathering(&first, Basis::Nothing).await?, &Written::Kept(1))?;
    same(&ledger.write_gathering(&other, Basis::Nothing).await?, &Written::Kept(1))?;
    same(&ledger.write_gathering(&second, Basis::Nothing).await?, &Written::Lost)?;
    same(&ledger.write_gathering(&second, Basis::Revision(1)).await?, &Written::Kept(2))?;
    same(&ledger.write_gathering(&first, Basis::Revision(1)).await?, &Written::Lost)?;
    let kept = StoredGathering { gathering: second, revision: 2 };
    same(&ledger.read_gathering("gathers").await?, &Some(kept))
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Broken> {
    if found == expected { Ok(()) } else { Err(Broken::Answer(format!("expected {expected:?}, got {found:?}"))) }
}

/// An entry with something in each of its members.
#[must_use]
pub fn sample(deployment: &str, gate: Gate) -> Entry {
    let at = Timestamp::UNIX_EPOCH;
    let sample = |bad| Sample { requests: 10, bad };
    Entry {
        deployment_id: deployment.to_owned(),
        gate,
        verdict: "failed".into(),
        closed: true,
        stops: true,
        action: Some("stopped".into()),
        reasons: vec!["more failures".into()],
        at,
        stage: "production".into(),
        application: "app".into(),
        deployment_group: "group".into(),
        function: "api".into(),
        alias: "live".into(),
        current_version: Some("1".into()),
        target_version: "2".into(),
        looks: 3,
        score: Some(0.0),
        probability: Some(0.001),
        manifest: Some("s3://artifacts/manifests/0.json#Api".into()),
        metrics: vec![MetricEntry {
            name: "failures".into(),
            class: "High".into(),
            estimate: Some(12.5),
            low: 3.0,
            high: None,
            series: vec![Point { at, current: sample(0), target: sample(4) }],
        }],
        checks: vec![CheckEntry { name: "health".into(), outcome: "passed".into(), duration_ms: 7 }],
        notes: vec!["nothing was left out".into()],
        notice: Some(Notice::Sending(at)),
    }
}
