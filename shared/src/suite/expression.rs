//! JMESPath expressions.

use jmespath::Expression;
use jmespath::ast::Ast;

use crate::reading::nearest;

/// The functions that JMESPath has (<https://jmespath.org/specification.html#built-in-functions>): the library looks for a function only
/// when it calls it.
const FUNCTIONS: [&str; 26] = [
    "abs",
    "avg",
    "ceil",
    "contains",
    "ends_with",
    "floor",
    "join",
    "keys",
    "length",
    "map",
    "max",
    "max_by",
    "merge",
    "min",
    "min_by",
    "not_null",
    "reverse",
    "sort",
    "sort_by",
    "starts_with",
    "sum",
    "to_array",
    "to_number",
    "to_string",
    "type",
    "values",
];

/// The most bytes of an expression, and the most of its signs that may nest. The library reads what nests by recursion, and a stack has
/// an end.
const LONGEST: usize = 1000;
const MOST_NESTING: usize = 100;

/// Compiles an expression.
///
/// # Errors
/// The fault in the expression, in words.
pub(super) fn compile(text: &str) -> Result<Expression<'static>, String> {
    if text.len() > LONGEST {
        return Err(format!("it has {} bytes; at most {LONGEST} are read", text.len()));
    }
    if text.matches(['(', '[', '{', '!', '&', '*']).count() > MOST_NESTING {
        return Err(format!("it has more than {MOST_NESTING} brackets and signs that nest"));
    }
    let expression = jmespath::compile(text).map_err(|error| first_line(&error.to_string()))?;
    match unknown_function(expression.as_ast()) {
        Some(name) => Err(match nearest(name, FUNCTIONS) {
            Some(near) => format!("there is no function {name}; did you mean {near}?"),
            None => format!("there is no function {name}"),
        }),
        None => Ok(expression),
    }
}

/// A fault without its place: the library's own text quotes the expression and points at the column on lines of their own.
fn first_line(told: &str) -> String {
    let first = told.lines().next().unwrap_or_default();
    first.split(" (line").next().unwrap_or(first).to_owned()
}

fn unknown_function(tree: &Ast) -> Option<&str> {
    match tree {
        Ast::Function { name, .. } if !FUNCTIONS.contains(&name.as_str()) => Some(name),
        Ast::Function { args: parts, .. } | Ast::MultiList { elements: parts, .. } => {
            parts.iter().find_map(unknown_function)
        }
        Ast::MultiHash { elements, .. } => elements.iter().find_map(|pair| unknown_function(&pair.value)),
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. }
        | Ast::Condition { predicate: lhs, then: rhs, .. } => unknown_function(lhs).or_else(|| unknown_function(rhs)),
        Ast::Expref { ast: node, .. }
        | Ast::Flatten { node, .. }
        | Ast::Not { node, .. }
        | Ast::ObjectValues { node, .. } => unknown_function(node),
        Ast::Identity { .. } | Ast::Field { .. } | Ast::Index { .. } | Ast::Literal { .. } | Ast::Slice { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("length(body.items[?contains(name, 'a')])" => None; "functions that there are")]
    #[test_case("lenght(body)" => Some("there is no function lenght; did you mean length?".to_owned()); "a misspelt one")]
    #[test_case("body.items[?frob(@)] | [0]" => Some("there is no function frob".to_owned()); "one within a filter")]
    #[test_case("{a: [b, !frob(c)]}" => Some("there is no function frob".to_owned()); "one within a map")]
    #[test_case("sort_by(a, &frob(b))" => Some("there is no function frob".to_owned()); "one within an expression that is passed on")]
    #[test_case(&"!".repeat(100_000) => Some("it has 100000 bytes; at most 1000 are read".to_owned()); "one without end")]
    #[test_case(&"(".repeat(101) => Some("it has more than 100 brackets and signs that nest".to_owned()); "a deep one")]
    #[test_case(&"(".repeat(100) => Some("Parse error: Unexpected nud token -- found Eof".to_owned()); "one that is just not too deep")]
    #[test_case("a [" => Some("Parse error: Expected number, ':', or '*' -- found Eof".to_owned()); "no expression")]
    fn an_expression_is_refused_for(text: &str) -> Option<String> {
        compile(text).err()
    }
}
