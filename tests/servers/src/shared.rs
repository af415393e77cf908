use std::{
    collections::HashMap,
    env,
    fs::{self, File},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use crate::{Kind, group::Group, program, require::missing};

/// The address of the server of this kind that all tests of a run share, or of the one that the
/// environment names; `None`, with a word why, if its program is not installed.
///
/// What is there belongs to others: a test makes a database, a table or a prefix of its own.
///
/// # Panics
/// If it is not installed and `SESSION_TEST_REQUIRE=all`, or it does not start.
pub fn shared(kind: Kind) -> Option<String> {
    if let Ok(url) = env::var(kind.variable()) {
        return Some(url);
    }
    if !kind.single().is_installed() {
        missing(kind);
        return None;
    }
    /// The lock by which this process uses each of them, until it ends.
    static USED: Mutex<Option<HashMap<Kind, (File, String)>>> = Mutex::new(None);
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    let used = used.get_or_insert_default();
    let (_, url) = used.entry(kind).or_insert_with(|| join(kind));
    Some(url.clone())
}

/// Starts these servers, each argument a command, and ends them when for three seconds nobody has used it. A user holds `use` for itself with
/// others; who starts or ends the servers holds `start` alone.
const KEEPER: &str = r#"
folder=$1; shift
cd "$folder" || exit 1
servers=
for server; do
    eval "exec $server" </dev/null >>log 2>&1 &
    servers="$servers $!"
done
while :; do
    flock use true
    sleep 3
    exec 9>>start
    flock 9
    if flock -n use true; then break; fi
    exec 9>&-
done
rm -f ports
kill -INT $servers; kill -TERM $servers
wait
rm -rf data log
"#;

/// Begins to use the shared server, and starts it if it does not run.
fn join(kind: Kind) -> (File, String) {
    let account = program::account(kind.single().account());
    let folder = folder(kind);
    program::make_folder(&folder, account.as_ref());
    let open = |name: &str| {
        let path = folder.join(name);
        let file = File::options().append(true).create(true).open(&path);
        let file = file.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if let Some(account) = &account {
            std::os::unix::fs::chown(&path, Some(account.user), Some(account.group)).unwrap();
        }
        file
    };
    let start = open("start");
    start.lock().unwrap();
    let data = folder.join("data");
    let ports = folder.join("ports");
    let running = Group::read(kind, &ports).filter(|group| group.is_ready(&data));
    let group = running.unwrap_or_else(|| {
        let group = begin(kind, &folder);
        group.write(&ports);
        group
    });
    let using = open("use");
    using.lock_shared().unwrap();
    (using, group.url())
}

/// Starts it on an empty folder.
fn begin(kind: Kind, folder: &Path) -> Group {
    let account = program::account(kind.single().account());
    let data = folder.join("data");
    // Of one that was killed along with its keeper.
    drop(fs::remove_dir_all(&data));
    program::make_folder(&data, account.as_ref());
    let group = Group::new(kind);
    let commands = group.prepare(&data, account.as_ref());
    let mut keeper = Command::new("sh");
    keeper
        .args(["-c", KEEPER, "sh"])
        .arg(folder)
        .args(commands.iter().map(|command| quoted(command)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    #[expect(
        clippy::zombie_processes,
        reason = "it is to outlive this process, which has no time to wait for it"
    )]
    let _keeper = program::run_as(&mut keeper, account.as_ref())
        .spawn()
        .unwrap();
    let ready = group.form(&data);
    assert!(
        ready,
        "{kind:?} does not start, see {}/log",
        folder.display()
    );
    group
}

/// The command as a shell reads it.
fn quoted(command: &[String]) -> String {
    let words = command.iter().map(|word| word.replace('\'', r"'\''"));
    let words: Vec<_> = words.map(|word| format!("'{word}'")).collect();
    words.join(" ")
}

/// One for each clone of this repository and each user of this machine.
fn folder(kind: Kind) -> PathBuf {
    let mut clone = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut clone);
    let name = format!("session-tests-{}-{:x}", program::user(), clone.finish());
    let folder = env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder.join(kind.name())
}
