//! The rule of a composite alarm: states of other alarms joined by `AND`, `OR` and `NOT`.

use super::evaluation::State;

/// A parsed `AlarmRule` of a composite alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cloudwatch) enum Rule {
    Constant(bool),
    /// True if the alarm of that name or ARN has that state.
    Has(State, String),
    Not(Box<Rule>),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// Returns the fault of a text that is not understood.
    pub(in crate::cloudwatch) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text, depth: 0 };
        let rule = reader.either()?;
        match reader.word() {
            None => Ok(rule),
            Some(word) => Err(format!("unexpected {word}")),
        }
    }

    /// True if the rule holds, for the states of the alarms by name. An alarm that does not exist has no state.
    pub(in crate::cloudwatch) fn holds(&self, state: &dyn Fn(&str) -> Option<State>) -> bool {
        match self {
            Self::Constant(truth) => *truth,
            Self::Has(wanted, alarm) => state(alarm) == Some(*wanted),
            Self::Not(inner) => !inner.holds(state),
            Self::And(left, right) => left.holds(state) && right.holds(state),
            Self::Or(left, right) => left.holds(state) || right.holds(state),
        }
    }

    /// The alarms that it names.
    pub(in crate::cloudwatch) fn alarms(&self) -> Vec<&str> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Has(_, alarm) => vec![alarm],
            Self::Not(inner) => inner.alarms(),
            Self::And(left, right) | Self::Or(left, right) => [left.alarms(), right.alarms()].concat(),
        }
    }
}

/// The deepest nesting of a rule.
const DEEPEST: usize = 64;

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let length = match rest.chars().next()? {
            '(' | ')' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || c == '(' || c == ')').unwrap_or(rest.len()),
        };
        Some(&rest[..length])
    }

    fn word(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.rest = &self.rest.trim_start()[word.len()..];
        Some(word)
    }

    fn either(&mut self) -> Result<Rule, String> {
        let mut left = self.both()?;
        while self.peek() == Some("OR") {
            self.word();
            left = Rule::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Rule, String> {
        let mut left = self.one()?;
        while self.peek() == Some("AND") {
            self.word();
            left = Rule::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Rule, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deep".to_owned());
        }
        let rule = self.nested();
        self.depth -= 1;
        rule
    }

    fn nested(&mut self) -> Result<Rule, String> {
        match self.word().ok_or("it ends too early")? {
            "NOT" => Ok(Rule::Not(Box::new(self.one()?))),
            "TRUE" => Ok(Rule::Constant(true)),
            "FALSE" => Ok(Rule::Constant(false)),
            "(" => {
                let inner = self.either()?;
                self.closing()?;
                Ok(inner)
            }
            word => match State::from_name(word) {
                Some(state) => Ok(Rule::Has(state, self.alarm()?)),
                None => Err(format!("{word} is not understood in a rule of the local plane")),
            },
        }
    }

    fn alarm(&mut self) -> Result<String, String> {
        if self.word() != Some("(") {
            return Err("an alarm's name in parentheses is expected".to_owned());
        }
        let rest = self.rest.trim_start();
        let (name, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quotation mark is missing")?,
            None => rest.split_at(rest.find(')').ok_or("a parenthesis is missing")?),
        };
        self.rest = rest;
        self.closing()?;
        let name = name.trim();
        // An ARN ends with the alarm's name.
        let name = name.starts_with("arn:").then(|| name.split_once(":alarm:")).flatten().map_or(name, |(_, it)| it);
        Ok(name.to_owned())
    }

    fn closing(&mut self) -> Result<(), String> {
        if self.word() == Some(")") { Ok(()) } else { Err("a parenthesis is missing".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("ALARM(a)", true)]
    #[test_case("OK(\"b c\") AND NOT ALARM(a)", false)]
    #[test_case("OK(\"b c\") AND NOT ALARM(x)", true; "an alarm that does not exist")]
    #[test_case("ALARM(x) OR ALARM(a) AND OK(a)", false; "and binds tighter")]
    #[test_case("(ALARM(x) OR ALARM(a)) AND TRUE", true)]
    #[test_case("INSUFFICIENT_DATA(arn:aws:cloudwatch:us-east-1:000000000000:alarm:d)", true)]
    fn a_rule_holds_for_states(text: &str, expected: bool) {
        let state = |alarm: &str| match alarm {
            "a" => Some(State::Alarm),
            "b c" => Some(State::Ok),
            "d" => Some(State::InsufficientData),
            _ => None,
        };
        assert_eq!(Rule::parse(text).unwrap().holds(&state), expected);
    }

    #[test_case("ALARM(a"; "a missing parenthesis")]
    #[test_case("AT_LEAST(2, ALARM, (a, b))"; "what is not computed")]
    #[test_case("ALARM(a) ALARM(b)"; "two rules")]
    #[test_case("")]
    #[test_case(&"(".repeat(10_000); "deep parentheses")]
    #[test_case(&"NOT ".repeat(2_500); "a long denial")]
    fn what_is_not_understood_is_refused(text: &str) {
        assert!(Rule::parse(text).is_err());
    }
}
