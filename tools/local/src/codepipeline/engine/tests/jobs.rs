//! Jobs, their continuations, and approvals.

use super::*;

#[test]
fn a_job_without_an_answer_fails_after_twenty_minutes() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([invoke()])]);
    let id = bench.start();
    bench.pass(20 * MINUTE);
    assert_eq!(bench.status(&id), Status::InProgress);
    bench.pass(SECOND);
    assert_eq!(bench.status(&id), Status::Failed);
    assert!(bench.failure(&id).message.contains("release failed to return a result"));
    let late = bench.job();
    assert!(bench.answer(&late, None).unwrap_err().is("InvalidJobStateException"));
    assert_eq!(bench.status(&id), Status::Failed);
}

#[test]
fn each_answer_in_progress_sets_the_twenty_minutes_anew_up_to_a_day() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([invoke()])]);
    let id = bench.start();
    bench.pass(SECOND);
    let mut jobs = BTreeSet::new();
    while bench.status(&id) == Status::InProgress && bench.simulation.now() < Timestamp::from_millis(0) + 2 * DAY {
        let job = bench.job();
        // Between an answer and the next invocation there is no new job.
        if jobs.insert(job.clone()) {
            bench.answer(&job, Some("token")).unwrap();
        }
        bench.pass(19 * MINUTE);
    }
    let took = bench.simulation.now().since(Timestamp::from_millis(0));
    assert_eq!(bench.status(&id), Status::Failed);
    assert!(took > DAY && took < DAY + 20 * MINUTE, "{took:?}");
    assert!(jobs.len() > 70, "{}", jobs.len());
}

#[test]
fn a_continuation_is_a_new_job_with_the_token_and_the_old_one_is_over() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([invoke()])]);
    let id = bench.start();
    bench.pass(SECOND);
    let first = bench.job();
    assert_eq!(bench.world.begun.last().unwrap().configuration["UserParameters"], "c0ffee");
    bench.answer(&first, Some("step 2")).unwrap();
    assert!(bench.answer(&first, None).unwrap_err().is("InvalidJobStateException"));
    bench.pass(CONTINUATION_DELAY);
    let second = bench.job();
    assert_ne!(first, second);
    assert_eq!(bench.world.begun.last().unwrap().continuation.as_deref(), Some("step 2"));
    bench.answer(&second, None).unwrap();
    assert_eq!(bench.status(&id), Status::Succeeded);
    assert!(bench.answer(&second, None).unwrap_err().is("InvalidJobStateException"));
    assert!(bench.answer("none", None).unwrap_err().is("JobNotFoundException"));
}

#[test]
fn variables_and_a_continuation_token_exclude_one_another() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([invoke()])]);
    bench.start();
    bench.pass(SECOND);
    let (job, variables) = (bench.job(), BTreeMap::from([("a".to_owned(), "b".to_owned())]));
    let told = JobSuccess { continuation: Some("t".to_owned()), variables, ..JobSuccess::default() };
    let refused = bench.ask(|engine, now| engine.job_succeeded(&job, told, now)).unwrap_err();
    assert!(refused.is("ValidationException"));
}

#[test]
fn an_approval_is_given_once_with_its_own_token() {
    let mut bench = Bench::new("SUPERSEDED", &[json!([approval()])]);
    let id = bench.start();
    bench.pass(3 * DAY);
    let (token, _) = bench.world.begun.last().unwrap().approval.clone().unwrap();
    assert!(bench.approve("another", true).unwrap_err().is("InvalidApprovalTokenException"));
    bench.approve(&token, false).unwrap();
    assert_eq!((bench.status(&id), bench.failure(&id).message.as_str()), (Status::Failed, "Rejected: because"));
    assert!(bench.approve(&token, true).unwrap_err().is("ApprovalAlreadyCompletedException"));
}
