//! The form of the six fields, of which other crons take more than EventBridge does.

/// A field: its name, its signs beside letters and digits, and its least and greatest number.
struct Field {
    name: &'static str,
    signs: &'static str,
    numbers: (u32, u32),
}

/// The fields in their order
/// (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based>).
const FIELDS: [Field; 6] = [
    Field { name: "minutes", signs: ",-*/", numbers: (0, 59) },
    Field { name: "hours", signs: ",-*/", numbers: (0, 23) },
    Field { name: "day of the month", signs: ",-*?/", numbers: (1, 31) },
    Field { name: "month", signs: ",-*/", numbers: (1, 12) },
    Field { name: "day of the week", signs: ",-*?#", numbers: (1, 7) },
    Field { name: "year", signs: ",-*/", numbers: (1970, 2199) },
];

const DAY_OF_THE_MONTH: usize = 2;
const DAY_OF_THE_WEEK: usize = 4;

/// The fields as `croner` takes them, seconds first.
pub(super) fn pattern(text: &str) -> Result<String, String> {
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
    if fields[DAY_OF_THE_WEEK] == "L" {
        fields[DAY_OF_THE_WEEK] = "SAT";
    }
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
            // What follows a slash is a step, and what follows # is the number of a week.
            let value = part.split(['/', '#']).next().unwrap_or_default();
            for number in value.split('-').filter_map(|value| value.trim_end_matches(['L', 'W']).parse::<u32>().ok()) {
                let (least, greatest) = self.numbers;
                if !(least..=greatest).contains(&number) {
                    return Err(format!("{number} is not for the {}, which is {least} to {greatest}", self.name));
                }
            }
        }
        Ok(())
    }
}
