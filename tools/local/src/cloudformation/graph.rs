//! The order of a template's resources: each waits for those that it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::errors::{left_out, unresolved};
use super::intrinsics::references;
use super::template::Template;
use crate::core::ServiceError;
use indexmap::IndexMap;

/// The resources that exist under the template's conditions, each with those it needs first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph(IndexMap<String, BTreeSet<String>>);

impl Graph {
    /// The graph of a template from `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`.
    ///
    /// # Errors
    /// Fails if something refers to a resource that is not there, or resources wait for one another in a circle.
    pub fn of(template: &Template, conditions: &BTreeMap<String, bool>) -> Result<Self, ServiceError> {
        let exists = |condition: &Option<String>| {
            condition.as_ref().is_none_or(|name| conditions.get(name).copied().unwrap_or(false))
        };
        let mut needs = IndexMap::new();
        for (id, resource) in template.resources.iter().filter(|(_, resource)| exists(&resource.condition)) {
            let mut names: BTreeSet<String> = [&resource.properties, &resource.update_policy]
                .into_iter()
                .flat_map(|value| references(value, Some(conditions)))
                .map(|reference| reference.logical_id)
                .filter(|name| template.resources.contains_key(name))
                .collect();
            // A resource that its condition leaves out is no obstacle to `DependsOn`, but cannot be referred to.
            unresolved(names.iter().filter(|name| !exists(&template.resources[*name].condition)), "Resources")?;
            names.extend(
                resource.depends_on.iter().filter(|name| exists(&template.resources[*name].condition)).cloned(),
            );
            needs.insert(id.clone(), names);
        }
        let outputs = template.outputs.values().filter(|output| exists(&output.condition));
        let names: Vec<String> = outputs
            .flat_map(|output| references(&output.value, Some(conditions)))
            .map(|reference| reference.logical_id)
            .filter(|name| template.resources.get(name).is_some_and(|resource| !exists(&resource.condition)))
            .collect();
        left_out(names.iter())?;
        let graph = Self(needs);
        graph.check_circles()?;
        Ok(graph)
    }

    /// The resources, in the order of the template.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// True if the resource exists under the template's conditions.
    pub fn contains(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// The resources that this one needs first.
    pub fn needs(&self, id: &str) -> impl Iterator<Item = &String> {
        self.0.get(id).into_iter().flatten()
    }

    /// The resources that need this one.
    pub fn needed_by(&self, id: &str) -> impl Iterator<Item = &String> {
        self.0.iter().filter(move |(_, needs)| needs.contains(id)).map(|(name, _)| name)
    }

    /// The resources so that each comes after all that it needs.
    pub fn ordered(&self) -> Vec<&String> {
        let mut done: BTreeSet<&String> = BTreeSet::new();
        let mut order = Vec::new();
        while let Some(ready) = self.layer(&done) {
            order.extend(ready.iter().copied());
            done.extend(ready);
        }
        order
    }

    fn layer<'a>(&'a self, done: &BTreeSet<&'a String>) -> Option<Vec<&'a String>> {
        let waiting = self.0.iter().filter(|(id, _)| !done.contains(id));
        let ready: Vec<_> =
            waiting.filter(|(_, needs)| needs.iter().all(|need| done.contains(need))).map(|(id, _)| id).collect();
        (!ready.is_empty()).then_some(ready)
    }

    fn check_circles(&self) -> Result<(), ServiceError> {
        let ordered: BTreeSet<_> = self.ordered().into_iter().collect();
        let mut left: Vec<&String> = self.0.keys().filter(|id| !ordered.contains(id)).collect();
        // A resource that only waits for the circle is not part of it: drop those that nothing left over needs.
        loop {
            let before = left.len();
            let needed: BTreeSet<String> = left.iter().flat_map(|id| self.needs(id)).cloned().collect();
            left.retain(|id| needed.contains(*id));
            if left.len() == before {
                break;
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = left.into_iter().map(String::as_str).collect();
        Err(super::errors::validation(format!("Circular dependency between resources: [{}]", names.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::template::Source;
    use super::*;

    fn graph(text: &str) -> Result<Graph, ServiceError> {
        let source = Source::read(text.to_owned())?;
        let template = Template::read(&source.tree.to_json(), &source)?;
        Graph::of(&template, &BTreeMap::from([("Always".to_owned(), true), ("Never".to_owned(), false)]))
    }

    #[test]
    fn resources_come_after_what_they_refer_to() {
        let graph = graph(
            "Resources:\n  A: {Type: T, Properties: {X: !Ref B}}\n  B: {Type: T, Properties: {X: !Sub '${C.Arn}'}}\n  C: {Type: T, DependsOn: [D]}\n  D: {Type: T}\n",
        )
        .unwrap();
        assert_eq!(graph.ordered(), ["D", "C", "B", "A"]);
        assert_eq!(graph.needed_by("D").collect::<Vec<_>>(), ["C"]);
    }

    #[test]
    fn a_circle_names_its_members_only() {
        let error = graph(
            "Resources:\n  A: {Type: T, Properties: {X: !Ref B}}\n  B: {Type: T, DependsOn: A}\n  C: {Type: T, DependsOn: A}\n  D: {Type: T}\n",
        )
        .unwrap_err();
        assert_eq!(error.message, "Circular dependency between resources: [A, B]");
    }

    #[test]
    fn a_resource_left_out_by_its_condition_cannot_be_referred_to() {
        let conditions = "Conditions: {Never: !Equals [1, 2], Always: !Equals [1, 1]}\n";
        let off = "  B: {Type: T, Condition: Never}\n";
        let error =
            graph(&format!("{conditions}Resources:\n  A: {{Type: T, Properties: {{X: !Ref B}}}}\n{off}")).unwrap_err();
        assert!(error.message.contains("[B] in the Resources"), "{error}");
        let fine = graph(&format!(
            "{conditions}Resources:\n  A: {{Type: T, DependsOn: B, Properties: {{X: !If [Never, !Ref B, 1]}}}}\n{off}"
        ));
        assert_eq!(fine.unwrap().ids().collect::<Vec<_>>(), ["A"]);
    }
}
