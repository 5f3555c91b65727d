//! Which checks build on one another.

use std::collections::HashMap;

use super::check::Check;

/// Groups of checks, each in the order of the list, that share captured values, directly or through others. Two groups have nothing to
/// do with each other and may run side by side; within one, the order of the list holds.
#[must_use]
pub fn sequences(checks: &[Check]) -> Vec<Vec<&Check>> {
    let mut group: Vec<usize> = (0..checks.len()).collect();
    let mut of_value: HashMap<String, usize> = HashMap::new();
    for (index, check) in checks.iter().enumerate() {
        for name in check.capture.keys().cloned().chain(check.uses()) {
            match of_value.get(&name).map(|other| (group[*other], group[index])) {
                // The smaller number is the older group.
                Some((left, right)) if left != right => {
                    let (stays, goes) = (left.min(right), left.max(right));
                    group.iter_mut().filter(|group| **group == goes).for_each(|group| *group = stays);
                }
                Some(_) => {}
                None => drop(of_value.insert(name, index)),
            }
        }
    }
    (0..checks.len())
        .map(|number| {
            checks.iter().zip(&group).filter(|(_, group)| **group == number).map(|(check, _)| check).collect()
        })
        .filter(|group: &Vec<&Check>| !group.is_empty())
        .collect()
}
