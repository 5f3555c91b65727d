//! Release records in Parameter Store.

use jiff::Timestamp;
use slipway_shared::parameters::{CreateParameter, ListParameters, ParameterNames, PutParameter, ReadParameter};
use slipway_shared::release::{CurrentRelease, ReleaseRecord};

use crate::TriggerError;

/// Creates the record, or reads the one that another delivery of the same event created.
///
/// Creating is the claim: it succeeds exactly once per pipeline execution.
pub(crate) async fn claim<S>(
    store: &S,
    names: &ParameterNames,
    record: ReleaseRecord,
) -> Result<ReleaseRecord, TriggerError>
where
    S: CreateParameter + ReadParameter,
{
    let name = names.release(&record.execution_id);
    match store.create_parameter(&name, &record.to_text()?).await {
        Ok(_) => Ok(record),
        Err(error) if error.is_already_exists() => {
            Ok(ReleaseRecord::from_text(&store.read_parameter(&name).await?.value)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The record of one release, if there is one.
///
/// # Errors
/// Parameter Store did not answer, or what it holds is no record.
pub async fn find_release<S: ReadParameter>(
    store: &S,
    names: &ParameterNames,
    execution_id: &str,
) -> Result<Option<ReleaseRecord>, TriggerError> {
    match store.read_parameter(&names.release(execution_id)).await {
        Ok(parameter) => Ok(Some(ReleaseRecord::from_text(&parameter.value)?)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Every release of the stage, newest first.
///
/// # Errors
/// Parameter Store did not answer, or what it holds is no record.
pub async fn list_releases<S: ListParameters>(
    store: &S,
    names: &ParameterNames,
) -> Result<Vec<ReleaseRecord>, TriggerError> {
    let stored = store.list_parameters(&names.releases()).await?;
    let of_releases = stored.iter().filter(|parameter| names.execution_of_record(&parameter.name).is_some());
    let mut records = of_releases
        .map(|parameter| ReleaseRecord::from_text(&parameter.value))
        .collect::<Result<Vec<ReleaseRecord>, _>>()?;
    records.sort_by(|left, right| order_of(right).cmp(&order_of(left)));
    Ok(records)
}

/// The release that took the stack last, if there is one.
///
/// # Errors
/// Parameter Store did not answer, or what it holds is not this.
pub async fn current_release<S: ReadParameter>(
    store: &S,
    names: &ParameterNames,
) -> Result<Option<CurrentRelease>, TriggerError> {
    match store.read_parameter(&names.current_release()).await {
        Ok(parameter) => Ok(Some(CurrentRelease::from_text(&parameter.value)?)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes a record in place of the stored one.
pub(crate) async fn save<S: PutParameter>(
    store: &S,
    names: &ParameterNames,
    record: &ReleaseRecord,
) -> Result<(), TriggerError> {
    store.put_parameter(&names.release(&record.execution_id), &record.to_text()?).await?;
    Ok(())
}

/// Says that a release takes the stack.
pub(crate) async fn save_current<S: PutParameter>(
    store: &S,
    names: &ParameterNames,
    current: &CurrentRelease,
) -> Result<(), TriggerError> {
    store.put_parameter(&names.current_release(), &current.to_text()?).await?;
    Ok(())
}

/// Releases are ordered by the start of their pipeline execution; one that did not get to know it, by its claim.
fn order_of(record: &ReleaseRecord) -> (Timestamp, &str) {
    (record.execution_started.unwrap_or(record.claimed_at), &record.execution_id)
}
