//! A commit object as CodeCommit shows it.

use serde_json::{Value, json};

/// Reads what `git cat-file commit` prints. Lines that CodeCommit does not show (signatures, encodings) are left out.
pub fn describe(id: &str, raw: &str) -> Value {
    let (header, message) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let field = |name: &str| header.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let parents: Vec<&str> = header.lines().filter_map(|line| line.strip_prefix("parent ")).collect();
    json!({
        "commitId": id,
        "treeId": field("tree").unwrap_or_default(),
        "parents": parents,
        "message": message,
        "author": person(field("author").unwrap_or_default()),
        "committer": person(field("committer").unwrap_or_default()),
        "additionalData": "",
    })
}

/// `Name <email> seconds zone`: CodeCommit's `date` is the last two words as git writes them.
fn person(line: &str) -> Value {
    let (name, rest) = line.split_once(" <").unwrap_or(("", line));
    let (email, date) = rest.split_once("> ").unwrap_or((rest, ""));
    json!({ "name": name, "email": email, "date": date })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_with_a_signature_keeps_its_people_parents_and_whole_message() {
        let raw = "tree t1\nparent p1\nparent p2\nauthor A B <a@b.c> 1700000000 +0100\ncommitter C <c@d.e> 1700000001 +0000\n\
                   gpgsig -----BEGIN\n line\n -----END\n\nTitle\n\nBody\n";
        assert_eq!(
            describe("c1", raw),
            json!({
                "commitId": "c1", "treeId": "t1", "parents": ["p1", "p2"], "message": "Title\n\nBody\n",
                "author": {"name": "A B", "email": "a@b.c", "date": "1700000000 +0100"},
                "committer": {"name": "C", "email": "c@d.e", "date": "1700000001 +0000"},
                "additionalData": "",
            })
        );
    }
}
