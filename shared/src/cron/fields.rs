//! The form of the six fields, of which other crons take more than EventBridge does.

/// A field: its name, its signs, its least and greatest number, and the names that stand for numbers.
struct Field {
    name: &'static str,
    signs: &'static str,
    numbers: (u32, u32),
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The fields in their order
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based>).
const FIELDS: [Field; 6] = [
    Field { name: "minutes", signs: ",-*/", numbers: (0, 59), names: &[] },
    Field { name: "hours", signs: ",-*/", numbers: (0, 23), names: &[] },
    Field { name: "day of the month", signs: ",-*?/LW", numbers: (1, 31), names: &[] },
    Field { name: "month", signs: ",-*/", numbers: (1, 12), names: &MONTHS },
    Field { name: "day of the week", signs: ",-*?#L", numbers: (1, 7), names: &WEEKDAYS },
    Field { name: "year", signs: ",-*/", numbers: (1970, 2199), names: &[] },
];

const DAY_OF_THE_MONTH: usize = 2;
const DAY_OF_THE_WEEK: usize = 4;

/// The fields as `croner` takes them, seconds first.
pub(super) fn pattern(text: &str) -> Result<String, String> {
    let text = text.to_ascii_uppercase();
    let mut fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        let names = FIELDS.map(|field| field.name).join(", ");
        return Err(format!("it has {} fields instead of six: {names}", fields.len()));
    }
    if (fields[DAY_OF_THE_MONTH] == "?") == (fields[DAY_OF_THE_WEEK] == "?") {
        return Err("of the day of the month and the day of the week, exactly one is ?".to_owned());
    }
    for (field, text) in FIELDS.iter().zip(&fields) {
        field.check(text)?;
    }
    // The last day of a week: `croner` knows the last one of a month alone.
    let last = |day| if day == "L" { "SAT" } else { day };
    let days = fields[DAY_OF_THE_WEEK].split(',').map(last).collect::<Vec<_>>().join(",");
    fields[DAY_OF_THE_WEEK] = &days;
    Ok(format!("0 {}", fields.join(" ").replace('?', "*")))
}

impl Field {
    fn check(&self, text: &str) -> Result<(), String> {
        let is_sign = |sign: char| sign.is_ascii_alphanumeric() || self.signs.contains(sign);
        if let Some(sign) = text.chars().find(|sign| !is_sign(*sign)) {
            return Err(format!("{sign} is not for the {}", self.name));
        }
        if text.len() > 1 && text.contains('?') {
            return Err(format!("? is the whole of the {}, or not there", self.name));
        }
        if text.contains('#') && text.contains(',') {
            return Err(format!("with # the {} is one expression", self.name));
        }
        for part in text.split(',') {
            if part.is_empty() {
                return Err(format!("something is missing in the {}", self.name));
            }
            let mut pieces = part.split(['/', '#']);
            pieces.next().unwrap_or_default().split('-').try_for_each(|value| self.check_value(value))?;
            // What follows a slash is a step, and what follows # is the number of a week.
            if let Some(number) = pieces.find(|piece| !piece.bytes().all(|byte| byte.is_ascii_digit())) {
                return Err(format!("{number} is no number in the {}", self.name));
            }
        }
        Ok(())
    }

    /// `croner` puts numbers for the names of months and weekdays wherever they stand: `0 SUN` would be one o'clock.
    fn check_value(&self, value: &str) -> Result<(), String> {
        let value = value.trim_end_matches(|sign: char| sign.is_ascii_alphabetic() && self.signs.contains(sign));
        if matches!(value, "" | "*" | "?") || self.names.contains(&value) {
            return Ok(());
        }
        let (least, greatest) = self.numbers;
        match value.parse::<u32>() {
            Ok(number) if (least..=greatest).contains(&number) => Ok(()),
            Ok(number) => Err(format!("{number} is not for the {}, which is {least} to {greatest}", self.name)),
            Err(_) => Err(format!("{value} is not for the {}", self.name)),
        }
    }
}
