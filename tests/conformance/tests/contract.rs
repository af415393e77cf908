//! `docs/contract.md`, the laws and their sources say the same.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what the tests read is there, or they fail"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Write as _, stderr},
    path::PathBuf,
};

use session_conformance::laws;

/// Number to (name, sentence).
type Promises = BTreeMap<String, (String, String)>;

#[test]
fn each_number_of_the_contract_has_one_law() {
    let listed = laws()
        .map(|law| (law.number.into(), (law.name.into(), law.sentence.into())))
        .collect::<Promises>();
    assert_eq!(listed.len(), laws().count(), "a number is used twice");
    let names = laws().map(|law| law.name).collect::<BTreeSet<_>>();
    assert_eq!(names.len(), listed.len(), "a law has two numbers");
    assert_eq!(promised(), listed);
    // Past the capture of the test runner: the number is worth seeing in every run.
    writeln!(stderr(), "{} laws", listed.len()).unwrap();
}

#[test]
fn each_law_cites_its_number_and_sentence() {
    for law in laws() {
        let (file, function) = law.name.split_once("::").unwrap();
        let source = read(&format!("src/laws/{file}.rs"));
        let cites = format!("/// {}: {}\n", law.number, law.sentence);
        let (_, after) = source
            .split_once(&cites)
            .unwrap_or_else(|| panic!("no {cites}"));
        assert!(
            after.starts_with(&format!("pub async fn {function}(")),
            "{law}"
        );
    }
}

#[test]
fn the_contract_states_the_number_of_laws() {
    let stated = format!("{} promises", laws().count());
    assert!(read("../../docs/contract.md").contains(&stated), "{stated}");
}

/// The lines "- **G1** sentence `name`" of the contract.
fn promised() -> Promises {
    let mut promises = Promises::new();
    for line in read("../../docs/contract.md").lines() {
        let Some((number, rest)) = line
            .strip_prefix("- **")
            .and_then(|it| it.split_once("** "))
        else {
            continue;
        };
        let (sentence, name) = rest.trim_end_matches('`').rsplit_once(" `").unwrap();
        let promise = (name.to_owned(), sentence.to_owned());
        let before = promises.insert(number.to_owned(), promise);
        assert_eq!(before, None, "{number} is promised twice");
    }
    promises
}

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
