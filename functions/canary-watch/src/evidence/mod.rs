//! From CloudWatch's counts to a judgement.
//!
//! `measure` says which statistics the metrics of the criteria are made of, `thresholds` from which duration on a request is slow, `table`
//! brings both versions' counts into looks, and `judged` has them judged. All but the reading is pure.

mod judged;
mod measure;
mod table;
mod thresholds;

use std::collections::BTreeMap;

use jiff::Timestamp;
use slipway_shared::call::CallError;
use slipway_shared::hook::Shift;
use slipway_shared::manifest::{Durations, JudgedGroup, Measure};
use slipway_shared::metrics::{GetMetricData, Stretch};
use slipway_shared::telemetry::Chain;

pub(crate) use judged::Judged;
use measure::Versions;
use table::Table;
use thresholds::Thresholds;

use crate::criteria::Criteria;
use crate::ports::Ports;
use crate::settings::Settings;
use crate::timing::Course;

/// Reads what both versions did since the shift began, and judges it. Evidence that cannot be read is no evidence: the judgement says so,
/// as it does if what the release's manifest demands is not known.
pub(crate) async fn judge<P: Ports>(
    ports: &P,
    settings: &Settings,
    criteria: &Criteria,
    shift: &Shift,
    (course, now): (&Course, Timestamp),
) -> Judged {
    let judged = compare(ports, settings, criteria, shift, (course, now)).await;
    match &criteria.fault {
        None => judged,
        Some(fault) => judged.by_other_criteria(fault),
    }
}

async fn compare<P: Ports>(
    ports: &P,
    settings: &Settings,
    criteria: &Criteria,
    shift: &Shift,
    (course, now): (&Course, Timestamp),
) -> Judged {
    let Some(current) = &shift.current_version else {
        return Judged::nothing("the deployment does not tell the current version");
    };
    let versions = Versions {
        function: shift.function.as_str(),
        alias: &shift.alias,
        stage: settings.stage.as_str(),
        current: current.as_str(),
        target: shift.target_version.as_str(),
        are_at_once: course.is_shared(),
    };
    let Some(minutes) = course.minutes(now) else {
        return Judged::nothing("no minute of the shift is complete yet");
    };
    let groups = &criteria.judged.groups;
    let read = async {
        let thresholds = thresholds(ports, &versions, groups, course.history()).await?;
        let measures = measure::measures(groups, &thresholds);
        let queries = measure::queries(measures.values().flatten(), &versions);
        let values = ports.metrics().get_metric_data(&queries, minutes.all()).await?;
        Ok::<_, CallError>((measures, Table::new(versions, queries, values, minutes)))
    };
    match read.await {
        Ok((measures, table)) => judged::judge(criteria, &measures, &table),
        Err(error) => Judged::nothing(format!("the metrics could not be read ({})", Chain(&error))),
    }
}

/// The thresholds of each duration, by its metric's name.
async fn thresholds<'a, P: Ports>(
    ports: &P,
    versions: &Versions<'_>,
    groups: &'a [JudgedGroup],
    history: Stretch,
) -> Result<BTreeMap<&'a str, Thresholds>, CallError> {
    let metrics = groups.iter().flat_map(|group| &group.metrics);
    let durations: Vec<(&str, &Durations)> = metrics
        .filter_map(|metric| match &metric.measure {
            Measure::Duration(durations) => Some((metric.name.as_str(), durations)),
            Measure::Errors | Measure::Throttles | Measure::Metric(_) => None,
        })
        .collect();
    let queries: Vec<_> = durations.iter().map(|(_, durations)| thresholds::queries(versions, durations)).collect();
    let asked = queries.concat();
    if asked.is_empty() {
        return Ok(durations.into_iter().map(|(name, durations)| (name, Thresholds::of(durations, &[]))).collect());
    }
    let mut values = ports.metrics().get_metric_data(&asked, history).await?.into_iter();
    let set = durations.into_iter().zip(queries).map(|((name, durations), queries)| {
        (name, Thresholds::of(durations, &values.by_ref().take(queries.len()).collect::<Vec<_>>()))
    });
    Ok(set.collect())
}
