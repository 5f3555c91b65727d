//! The resources of requests, as IAM sees them: tables, indexes and streams by their ARNs, and the actions that a transaction or
//! a statement consists of.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>

use std::sync::Arc;

use serde_json::Value;

use super::state::DynamoDb;
use crate::core::Input;

type State = Arc<DynamoDb>;

/// The ARNs of the tables of a batch.
pub(super) fn of_batch(state: &State, input: &Input) -> Vec<String> {
    let tables = input.get("RequestItems").and_then(Value::as_object).into_iter().flatten();
    tables.map(|(name, _)| table(state, name)).collect()
}

/// The index that is read, or the table.
pub(super) fn of_index(state: &State, input: &Input) -> Vec<String> {
    let table = table(state, input.opt_str("TableName").unwrap_or("*"));
    vec![input.opt_str("IndexName").map_or_else(|| table.clone(), |index| format!("{table}/index/{index}"))]
}

/// The actions of a transaction, each with its table's ARN.
pub(super) fn of_transaction(state: &State, input: &Input) -> Vec<(&'static str, String)> {
    let actions = input.list("TransactItems").iter().filter_map(Value::as_object).flatten();
    let known = actions.filter_map(|(part, asked)| Some((action(part)?, table(state, asked["TableName"].as_str()?))));
    known.collect()
}

/// The actions of one statement or of several.
pub(super) fn of_statements(state: &State, input: &Input) -> Vec<(&'static str, String)> {
    let several = ["Statements", "TransactStatements"].iter().flat_map(|member| input.list(member));
    let texts = several.filter_map(|each| each["Statement"].as_str()).chain(input.opt_str("Statement"));
    let action = |text: &str| {
        let (action, name, index) = subject(text)?;
        let table = table(state, &name);
        Some((action, index.map_or_else(|| table.clone(), |index| format!("{table}/index/{index}"))))
    };
    texts.filter_map(action).collect()
}

/// The backup that is restored, and the table that it is restored to.
pub(super) fn of_restore(state: &State, input: &Input) -> Vec<String> {
    let backup = input.opt_str("BackupArn").unwrap_or("*").to_owned();
    vec![backup, table(state, input.opt_str("TargetTableName").unwrap_or("*"))]
}

/// The stream that an iterator reads.
pub(super) fn of_iterator(_: &State, input: &Input) -> Vec<String> {
    let iterator = input.opt_str("ShardIterator").unwrap_or_default();
    vec![iterator.split('|').next().unwrap_or_default().to_owned()]
}

fn table(state: &State, given: &str) -> String {
    if given.starts_with("arn:") { given.to_owned() } else { state.names.arn(&format!("table/{given}")) }
}

/// The action on an item that a part of a transaction is.
fn action(part: &str) -> Option<&'static str> {
    match part {
        "ConditionCheck" => Some("dynamodb:ConditionCheckItem"),
        "Delete" => Some("dynamodb:DeleteItem"),
        "Get" => Some("dynamodb:GetItem"),
        "Put" => Some("dynamodb:PutItem"),
        "Update" => Some("dynamodb:UpdateItem"),
        _ => None,
    }
}

/// The action of a statement, its table, and the index that it names.
fn subject(statement: &str) -> Option<(&'static str, String, Option<String>)> {
    let mut words = statement.split_whitespace();
    let (action, before) = match words.next()?.to_ascii_uppercase().as_str() {
        "SELECT" => ("dynamodb:PartiQLSelect", "FROM"),
        "INSERT" => ("dynamodb:PartiQLInsert", "INTO"),
        "DELETE" => ("dynamodb:PartiQLDelete", "FROM"),
        "UPDATE" => return named(words.next()?).map(|(table, index)| ("dynamodb:PartiQLUpdate", table, index)),
        _ => return None,
    };
    words.find(|word| word.eq_ignore_ascii_case(before))?;
    named(words.next()?).map(|(table, index)| (action, table, index))
}

/// `"table"."index"`, each with or without its quotes.
fn named(word: &str) -> Option<(String, Option<String>)> {
    let word = word.trim_end_matches(';');
    let bare = |part: &str| part.trim_matches(['"', '\'']).to_owned();
    match word.split_once("\".\"") {
        Some((table, index)) => Some((bare(table), Some(bare(index)))),
        None => Some((bare(word), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_its_table_and_its_index() {
        let subject = |text| subject(text).unwrap();
        assert_eq!(
            subject("select a from \"t\".\"i\" where b = 1"),
            ("dynamodb:PartiQLSelect", "t".into(), Some("i".into()))
        );
        assert_eq!(subject("INSERT INTO t VALUE {'a': 1}"), ("dynamodb:PartiQLInsert", "t".into(), None));
        assert_eq!(subject("UPDATE \"t.x\" SET a = 1"), ("dynamodb:PartiQLUpdate", "t.x".into(), None));
        assert_eq!(subject("DELETE FROM t;"), ("dynamodb:PartiQLDelete", "t".into(), None));
    }
}
