//! Programs, and whom they run as.

use std::{
    env, fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

/// A user of this machine.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// A program on the path, or where servers lie that are not for everybody's.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// This account, where the tests run as root, which servers refuse; `None` elsewhere, where a server
/// runs as whoever runs the tests.
pub(crate) fn account(name: &str) -> Option<Account> {
    if !is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let found = |name: &str| {
        let mut fields = users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>());
        let user = fields.find(|fields| fields.first() == Some(&name))?;
        Some(Account {
            user: user.get(2)?.parse().ok()?,
            group: user.get(3)?.parse().ok()?,
        })
    };
    found(name).or_else(|| found("nobody"))
}

/// The command, to be run by this account.
pub(crate) fn run_as<'a>(command: &'a mut Command, account: Option<&Account>) -> &'a mut Command {
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    command
}

/// Makes a folder that this account owns.
pub(crate) fn make_folder(folder: &Path, account: Option<&Account>) {
    fs::create_dir_all(folder).unwrap();
    if let Some(account) = account {
        std::os::unix::fs::chown(folder, Some(account.user), Some(account.group)).unwrap();
    }
}

/// Makes an empty file that this account owns.
pub(crate) fn make_file(file: &Path, account: Option<&Account>) {
    fs::write(file, "").unwrap();
    if let Some(account) = account {
        std::os::unix::fs::chown(file, Some(account.user), Some(account.group)).unwrap();
    }
}

pub(crate) fn is_root() -> bool {
    user() == 0
}

/// Who runs this process.
pub(crate) fn user() -> u32 {
    fs::metadata("/proc/self").map_or(u32::MAX, |it| it.uid())
}
