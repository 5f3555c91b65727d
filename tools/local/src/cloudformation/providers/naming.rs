//! Names that CloudFormation gives when a template does not: `<stack>-<logical id>-<random>`, within a service's limit.

use crate::cloudformation::provider::ResourceContext;

/// The number of random characters at the end of a generated name.
const RANDOM: usize = 12;

/// A generated name of at most `limit` characters. Stack and logical id are cut evenly when they are too long.
pub(super) fn generated(context: &ResourceContext, limit: usize) -> String {
    let random = context.hub.ids.capitals(RANDOM);
    let room = limit.saturating_sub(RANDOM + 2);
    let (stack, logical) = (context.stack_name.as_str(), context.logical_id.as_str());
    let (stack_length, logical_length) = (stack.chars().count(), logical.chars().count());
    let (stack_room, logical_room) = if stack_length + logical_length <= room {
        (stack_length, logical_length)
    } else {
        let half = room / 2;
        let stack_room = stack_length.min(half.max(room.saturating_sub(logical_length)));
        (stack_room, room - stack_room)
    };
    let cut = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    format!("{}-{}-{random}", cut(stack, stack_room), cut(logical, logical_room))
}

/// The name that the template gives, or a generated one.
pub(super) fn given_or_generated(context: &ResourceContext, given: Option<&str>, limit: usize) -> String {
    given.map_or_else(|| generated(context, limit), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Stage;
    use super::*;

    #[test]
    fn a_name_is_made_of_stack_logical_id_and_chance() {
        let stage = Stage::new(vec![]);
        let context = stage.context("Function");
        let (one, two) = (generated(&context, 64), generated(&context, 64));
        assert!(one.starts_with("slipway-production-Function-"), "{one}");
        assert_ne!(one, two);
    }

    #[test]
    fn a_long_name_is_cut_to_the_limit() {
        let stage = Stage::new(vec![]);
        let context = stage.context(&"Long".repeat(40));
        assert_eq!(generated(&context, 64).len(), 64);
        assert!(generated(&context, 32).len() <= 32);
    }
}
