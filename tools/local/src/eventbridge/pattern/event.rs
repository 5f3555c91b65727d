//! An event as the values at its paths, and whether they fit an alternative.
//!
//! Values of one match that lie in elements of the same array have to lie in the same element: of
//! `{"people": [{"name": "Ann", "age": 7}, {"name": "Bo", "age": 9}]}`, name Ann with age 9 is nobody. The matcher keeps
//! every combination of elements that the paths before allow, and of these only the arrays that later paths lie in, so
//! that an event costs about as much as it is long.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::compile::Alternative;
use super::condition::Condition;

/// The elements of arrays in which a value lies: `array -> element`.
type Elements = BTreeMap<usize, usize>;

/// The value at a path.
#[derive(Debug)]
struct Field<'a> {
    value: &'a Value,
    elements: Elements,
}

/// The values at one path, found by the element that they lie in.
#[derive(Debug, Default)]
struct At<'a> {
    fields: Vec<Field<'a>>,
    outside: Vec<usize>,
    inside: BTreeMap<usize, HashMap<usize, Vec<usize>>>,
}

/// The values of an event by path.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    at: HashMap<String, At<'a>>,
    arrays: usize,
}

impl<'a> Fields<'a> {
    /// The values of an event at some paths.
    pub(super) fn of(event: &'a Value, wanted: &HashSet<&str>) -> Self {
        let mut fields = Self::default();
        fields.read(event, &mut String::new(), &mut Elements::new(), wanted);
        fields
    }

    fn read(&mut self, value: &'a Value, path: &mut String, elements: &mut Elements, wanted: &HashSet<&str>) {
        match value {
            Value::Object(members) => {
                let length = path.len();
                for (name, member) in members {
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(name);
                    self.read(member, path, elements, wanted);
                    path.truncate(length);
                }
            }
            Value::Array(items) => {
                let array = self.arrays;
                self.arrays += 1;
                for (element, item) in items.iter().enumerate() {
                    // Plain values of one array may all take part in a match.
                    let nested = item.is_object() || item.is_array();
                    if nested {
                        elements.insert(array, element);
                    }
                    self.read(item, path, elements, wanted);
                    elements.remove(&array);
                }
            }
            value if wanted.contains(path.as_str()) => {
                self.at.entry(path.clone()).or_default().add(Field { value, elements: elements.clone() });
            }
            _ => {}
        }
    }
}

impl<'a> At<'a> {
    fn add(&mut self, field: Field<'a>) {
        let index = self.fields.len();
        match field.elements.first_key_value() {
            None => self.outside.push(index),
            Some((array, element)) => {
                self.inside.entry(*array).or_default().entry(*element).or_default().push(index);
            }
        }
        self.fields.push(field);
    }

    /// The values that may go with what was matched before.
    fn consistent<'s>(&'s self, before: &'s Elements) -> impl Iterator<Item = &'s Field<'a>> {
        let inside = self.inside.iter().flat_map(|(array, by_element)| {
            let one = before.get(array);
            let all = one.is_none().then(|| by_element.values()).into_iter().flatten();
            all.chain(one.and_then(|element| by_element.get(element))).flatten()
        });
        let known = self.outside.iter().chain(inside).map(|index| &self.fields[*index]);
        known.filter(|field| {
            field.elements.iter().all(|(array, element)| before.get(array).is_none_or(|known| known == element))
        })
    }

    fn arrays(&self) -> impl Iterator<Item = usize> {
        self.fields.iter().flat_map(|field| field.elements.keys().copied())
    }
}

/// True if an event fits an alternative.
pub(super) fn fits(alternative: &Alternative, fields: &Fields<'_>) -> bool {
    let nowhere = At::default();
    let steps: Vec<(&At<'_>, &[Condition])> = alternative
        .conditions()
        .map(|(path, conditions)| (fields.at.get(path).unwrap_or(&nowhere), conditions))
        .collect();
    // The arrays that the paths after each one lie in.
    let mut later = vec![HashSet::new()];
    for (at, _) in steps.iter().skip(1).rev() {
        let mut arrays: HashSet<usize> = later.last().cloned().unwrap_or_default();
        arrays.extend(at.arrays());
        later.push(arrays);
    }
    let mut states = BTreeSet::from([Elements::new()]);
    for ((at, conditions), later) in steps.iter().zip(later.iter().rev()) {
        states = states.iter().flat_map(|before| step(at, conditions, before, later)).collect();
        if states.is_empty() {
            return false;
        }
    }
    true
}

/// The states that a path leads to from one.
fn step(at: &At<'_>, conditions: &[Condition], before: &Elements, later: &HashSet<usize>) -> BTreeSet<Elements> {
    let relevant = |elements: &Elements| {
        let merged = before.iter().chain(elements).filter(|(array, _)| later.contains(array));
        merged.map(|(array, element)| (*array, *element)).collect::<Elements>()
    };
    let mut after = BTreeSet::new();
    let mut there = false;
    for field in at.consistent(before) {
        there = true;
        if conditions.iter().any(|condition| condition.holds(field.value)) {
            after.insert(relevant(&field.elements));
        }
    }
    if !there && conditions.iter().any(|condition| matches!(condition, Condition::Absent)) {
        after.insert(relevant(&Elements::new()));
    }
    after
}
