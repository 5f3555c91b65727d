//! Reading parameters: by name, by path, and their history.

use serde_json::{Value, json};

use super::filter::{self, Filters};
use super::name::{self, Reference, Selector, not_found};
use super::state::{ParameterService, ParameterStore, named};
use crate::core::{Input, Page, Reply, ServiceError};
use crate::operations::Operation;

/// The number of results of a page unless the request says otherwise.
const PAGE: usize = 10;
const HISTORY_PAGE: usize = 50;

type Op = Operation<ParameterService>;

/// The operations that read parameters.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("GetParameter", "Name WithDecryption", |service, request| service.store.get(&request.input))
        .on_found(named),
    Op::now("GetParameters", "Names WithDecryption", |service, request| service.store.get_several(&request.input))
        .on_found(named),
    Op::now(
        "GetParametersByPath",
        "Path Recursive ParameterFilters{Key Option Values} WithDecryption MaxResults NextToken",
        |service, request| service.store.by_path(&request.input),
    )
    .on("parameter/{Path}")
    .asking(|_, input| {
        let recursive = input.opt_bool("Recursive").unwrap_or(false).to_string();
        vec![("ssm:Recursive".to_owned(), vec![recursive])]
    }),
    Op::now(
        "DescribeParameters",
        "Filters{Key Values} ParameterFilters{Key Option Values} MaxResults NextToken",
        |service, request| service.store.describe(&request.input),
    ),
    Op::now("GetParameterHistory", "Name WithDecryption MaxResults NextToken", |service, request| {
        service.store.history(&request.input)
    })
    .on_found(named),
];

/// A page of what was found.
fn page(found: &[(String, Value)], input: &Input, size: usize, scope: &str) -> Reply {
    let size = input.opt_i64("MaxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(size);
    let all = found.iter().map(|(key, value)| (key.as_str(), value.clone()));
    let page = Page::cut(all, input.opt_str("NextToken"), size, scope)
        .map_err(|_| ServiceError::new("InvalidNextToken", "The specified token is not valid."))?;
    Ok(json!({ "Parameters": page.items, "NextToken": page.next }))
}

impl ParameterStore {
    /// `GetParameter`.
    pub(super) fn get(&self, input: &Input) -> Reply {
        Ok(Value::from_iter([("Parameter", self.find(input.str("Name")?, input)?)]))
    }

    fn find(&self, asked: &str, input: &Input) -> Reply {
        let reference = Reference::read(&self.hub.identity, asked)?;
        let decrypt = self.decryption(input)?;
        let parameters = self.parameters();
        let parameter = parameters.get(name::key(&reference.name)).ok_or_else(|| not_found(asked))?;
        parameter.answer(&reference.selector, decrypt)?.ok_or_else(|| reference.no_version())
    }

    /// `GetParameters`: a name that is asked for twice is answered once.
    pub(super) fn get_several(&self, input: &Input) -> Reply {
        let mut names = input.strings("Names");
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for name in names {
            match self.find(&name, input) {
                Ok(parameter) => found.push(parameter),
                Err(error) if error.is("ParameterNotFound") || error.is("ParameterVersionNotFound") => {
                    missing.push(name);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(json!({ "Parameters": found, "InvalidParameters": missing }))
    }

    /// `GetParametersByPath`.
    pub(super) fn by_path(&self, input: &Input) -> Reply {
        let path = input.str("Path")?;
        name::checked_path(path)?;
        let filters = Filters::by_path(input)?;
        let recursive = input.opt_bool("Recursive").unwrap_or(false);
        let decrypt = self.decryption(input)?;
        let parameters = self.parameters();
        let mut found = Vec::new();
        for (key, parameter) in parameters.iter().filter(|(_, p)| filter::under(&p.name, path, recursive)) {
            let selector = filters.label().map_or(Selector::Latest, |label| Selector::Label(label.to_owned()));
            if filters.take(parameter)
                && let Some(answer) = parameter.answer(&selector, decrypt)?
            {
                found.push((key.clone(), answer));
            }
        }
        page(&found, input, PAGE, &format!("GetParametersByPath {}", path.trim_end_matches('/')))
    }

    /// `DescribeParameters`.
    pub(super) fn describe(&self, input: &Input) -> Reply {
        let filters = Filters::describe(input)?;
        let parameters = self.parameters();
        let taken = parameters.iter().filter(|(_, parameter)| filters.take(parameter));
        let found: Vec<_> = taken.map(|(key, parameter)| (key.clone(), parameter.metadata())).collect();
        page(&found, input, PAGE, "DescribeParameters")
    }

    /// `GetParameterHistory`.
    pub(super) fn history(&self, input: &Input) -> Reply {
        let asked = input.str("Name")?;
        let reference = Reference::read(&self.hub.identity, asked)?;
        let decrypt = self.decryption(input)?;
        let parameters = self.parameters();
        let parameter = parameters.get(name::key(&reference.name)).ok_or_else(|| not_found(asked))?;
        let history: Vec<(String, Value)> = parameter.history(decrypt)?;
        page(&history, input, HISTORY_PAGE, &format!("GetParameterHistory {asked}"))
    }
}
