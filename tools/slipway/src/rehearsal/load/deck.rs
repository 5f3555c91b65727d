//! The choice of the next request, and of the thing that it is about.

use rand::RngExt;
use serde_json::Value;

use super::profile::{PLACEHOLDER, Profile, Template};

/// A request as it is sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shot {
    /// Position of the template in the profile.
    template: usize,
    /// Position of the owner in the profile; 0 when there are none.
    owner: usize,
    /// The thing that it is about. Nobody else has it until it is put back.
    id: Option<String>,
    pub(super) path: String,
    pub(super) body: Option<String>,
}

/// Draws requests by weight, as one of the owners, and keeps what they captured.
#[derive(Debug)]
pub(super) struct Deck {
    profile: Profile,
    /// The things of each owner that no request is about now.
    ids: Vec<Vec<String>>,
}

impl Deck {
    pub(super) fn new(profile: Profile) -> Self {
        let ids = vec![Vec::new(); profile.owners.len().max(1)];
        Self { profile, ids }
    }

    /// The request that a shot is of.
    pub(super) fn template(&self, shot: &Shot) -> &Template {
        &self.profile.requests[shot.template]
    }

    /// The position of the shot's owner; none when requests are sent as nobody.
    pub(super) fn owner(&self, shot: &Shot) -> Option<usize> {
        (!self.profile.owners.is_empty()).then_some(shot.owner)
    }

    /// Draws a request that can be sent now. There always is one: a profile without is refused.
    pub(super) fn draw(&mut self, random: &mut impl RngExt) -> Option<Shot> {
        let owner = random.random_range(0..self.ids.len());
        let has_ids = !self.ids[owner].is_empty();
        let able = || self.profile.requests.iter().enumerate().filter(|(_, request)| has_ids || !request.needs_id());
        let total: u32 = able().map(|(_, request)| request.weight).sum();
        let mut left = random.random_range(0..total.max(1));
        let (template, request) = able().find(|(_, request)| match left.checked_sub(request.weight) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        })?;
        let ids = &mut self.ids[owner];
        let id = request.needs_id().then(|| ids.swap_remove(random.random_range(0..ids.len())));
        let filled = |text: &str| id.as_ref().map_or_else(|| text.to_owned(), |id| text.replace(PLACEHOLDER, id));
        let (path, body) = (filled(&request.path), request.body.as_ref().map(|body| filled(&body.to_string())));
        Some(Shot { template, owner, id, path, body })
    }

    /// Takes what a good answer captured, and puts back what the request was about unless that is gone, or nobody knows.
    pub(super) fn settle(&mut self, shot: &Shot, good: bool, lost: bool, body: &[u8]) {
        let request = &self.profile.requests[shot.template];
        let captured = request.captures.as_ref().filter(|_| good).and_then(|pointer| {
            let body: Value = serde_json::from_slice(body).ok()?;
            Some(body.pointer(pointer)?.as_str()?.to_owned())
        });
        let gone = request.removes && (good || lost);
        let kept = shot.id.clone().filter(|_| !gone);
        self.ids[shot.owner].extend(captured.into_iter().chain(kept));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    fn deck() -> Deck {
        let text = r#"{"owners":["a","b"],"requests":[
            {"name":"create","weight":2,"method":"POST","path":"/t","captures":"/id"},
            {"name":"read","weight":6,"path":"/t/${id}"},
            {"name":"delete","weight":2,"method":"DELETE","path":"/t/${id}","removes":true},
            {"name":"list","path":"/t"}]}"#;
        Deck::new(Profile::parse(text).unwrap())
    }

    /// Plays `count` requests against a world that keeps what was created, by owner.
    fn played(count: usize) -> BTreeMap<String, usize> {
        let (mut deck, mut random) = (deck(), SmallRng::seed_from_u64(7));
        let (mut living, mut counts): (HashSet<(usize, String)>, _) = (HashSet::new(), BTreeMap::new());
        for number in 0..count {
            let shot = deck.draw(&mut random).unwrap();
            let name = deck.template(&shot).name.clone();
            let body = if name == "create" {
                living.insert((shot.owner, number.to_string()));
                format!(r#"{{"id":"{number}"}}"#)
            } else {
                String::new()
            };
            if let Some(id) = &shot.id {
                assert_eq!(shot.path, format!("/t/{id}"));
                assert!(living.contains(&(shot.owner, id.clone())), "{name} is about {id}, which its owner has not");
                if name == "delete" {
                    living.remove(&(shot.owner, id.clone()));
                }
            }
            deck.settle(&shot, true, false, body.as_bytes());
            *counts.entry(name).or_default() += 1;
        }
        counts
    }

    #[test]
    fn requests_are_about_what_their_owner_has_and_nothing_that_is_gone() {
        let counts = played(4000);
        assert!(counts["read"] > counts["list"] && counts.len() == 4, "{counts:?}");
    }

    #[test]
    fn what_a_request_is_about_is_not_dealt_twice() {
        let (mut deck, mut random) = (deck(), SmallRng::seed_from_u64(7));
        deck.ids = vec![vec!["x".to_owned()], vec!["y".to_owned()]];
        let shots: Vec<Shot> = (0..50).filter_map(|_| deck.draw(&mut random)).collect();
        let dealt: Vec<&String> = shots.iter().filter_map(|shot| shot.id.as_ref()).collect();
        assert_eq!(dealt.len(), 2, "{dealt:?}");
    }

    #[test]
    fn what_may_be_gone_is_forgotten_and_what_is_there_is_not() {
        let left = |template, good, lost| {
            let mut deck = deck();
            let shot = Shot { template, owner: 0, id: Some("x".to_owned()), path: "/t/x".to_owned(), body: None };
            deck.settle(&shot, good, lost, b"");
            deck.ids[0].len()
        };
        let (read, delete) = (1, 2);
        assert_eq!([left(read, true, false), left(read, false, false), left(read, false, true)], [1, 1, 1]);
        assert_eq!([left(delete, true, false), left(delete, false, false), left(delete, false, true)], [0, 1, 0]);
    }
}
