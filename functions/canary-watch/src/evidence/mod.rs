//! From CloudWatch's counts to a judgement.
//!
//! `measure` says what is compared and which statistics it is made of, `thresholds` from which duration on a request is slow, `table`
//! brings both versions' counts into looks, and `judged` has them judged. All but the reading is pure.

mod judged;
mod measure;
mod table;
mod thresholds;

use jiff::Timestamp;
use slipway_shared::call::CallError;
use slipway_shared::hook::Shift;
use slipway_shared::metrics::GetMetricData;
use slipway_shared::telemetry::Chain;

pub(crate) use judged::Judged;
use measure::Versions;
use table::Table;
use thresholds::Thresholds;

use crate::ports::Ports;
use crate::settings::Settings;
use crate::timing;

/// Reads what both versions did since the shift began, and judges it. Evidence that cannot be read is no evidence: the judgement says so.
pub(crate) async fn judge<P: Ports>(
    ports: &P,
    settings: &Settings,
    shift: &Shift,
    began: Timestamp,
    now: Timestamp,
) -> Judged {
    let Some(current) = &shift.current_version else {
        return Judged::nothing("the deployment does not tell the current version");
    };
    let versions = Versions {
        function: shift.function.as_str(),
        alias: &shift.alias,
        current: current.as_str(),
        target: shift.target_version.as_str(),
        namespace: settings.metrics_namespace.as_deref(),
    };
    let Some(stretch) = timing::evidence(began, now) else {
        return Judged::nothing("no minute of the shift is complete yet");
    };
    let read = async {
        let thresholds = thresholds(ports, &versions, began).await?;
        let queries = measure::queries(&versions, &thresholds);
        let values = ports.metrics().get_metric_data(&queries, stretch).await?;
        Ok::<_, CallError>((thresholds, queries, values))
    };
    match read.await {
        Ok((thresholds, queries, values)) => {
            let table = Table::new(queries, values, stretch);
            judged::judge(&measure::measures(&versions, &thresholds), &thresholds, &versions, &table)
        }
        Err(error) => Judged::nothing(format!("the metrics could not be read ({})", Chain(&error))),
    }
}

async fn thresholds<P: Ports>(ports: &P, versions: &Versions<'_>, began: Timestamp) -> Result<Thresholds, CallError> {
    let stretch = timing::history(began);
    let queries = thresholds::queries(versions);
    let values = ports.metrics().get_metric_data(&queries, stretch).await?;
    Ok(Thresholds::of(&values))
}
