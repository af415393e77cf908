use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind};

/// A script that the server runs as one step.
pub(crate) struct Script {
    text: String,
    sha1: String,
    /// Whether it may change something.
    pub(crate) writes: bool,
}

macro_rules! scripts {
    ($($(#[$attribute:meta])* $name:ident: $($file:literal)+),+ $(,)?) => {
        /// Every script of the store. How each is called, its own file says.
        pub(crate) struct Scripts {
            $($(#[$attribute])* pub(crate) $name: Script),+
        }

        impl Scripts {
            pub(crate) fn new() -> Self {
                Self {
                    $($(#[$attribute])* $name: Script::new(&[$(include_str!($file)),+])),+
                }
            }
        }
    };
}

scripts! {
    set: "scripts/set.lua",
    expire: "scripts/expire.lua",
    delete: "scripts/records.lua" "scripts/delete.lua",
    rename: "scripts/records.lua" "scripts/functions.lua" "scripts/rename.lua",
    delete_owner: "scripts/records.lua" "scripts/delete_owner.lua",
    list: "scripts/records.lua" "scripts/list.lua",
    trim: "scripts/trim.lua",
    #[cfg(feature = "cluster")]
    register: "scripts/functions.lua" "scripts/register.lua",
    #[cfg(feature = "cluster")]
    unregister: "scripts/unregister.lua",
    #[cfg(feature = "cluster")]
    reserve: "scripts/records.lua" "scripts/functions.lua" "scripts/reserve.lua",
    #[cfg(feature = "cluster")]
    commit: "scripts/records.lua" "scripts/functions.lua" "scripts/commit.lua",
    #[cfg(feature = "cluster")]
    fate: "scripts/records.lua" "scripts/fate.lua",
    #[cfg(feature = "cluster")]
    settle: "scripts/records.lua" "scripts/settle.lua",
    #[cfg(feature = "cluster")]
    forget: "scripts/records.lua" "scripts/forget.lua",
}

impl Script {
    fn new(parts: &[&str]) -> Self {
        let text = [include_str!("scripts/clock.lua"), &parts.concat()].concat();
        let sha1 = sha1_smol::Sha1::from(&text).digest().to_string();
        let writes = !parts.iter().any(|part| part.starts_with("-- Only reads."));
        Self { text, sha1, writes }
    }

    /// Calls the script by its name, which the server knows once it has run.
    pub(crate) fn by_name(&self, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
        call("EVALSHA", &self.sha1, keys, arguments)
    }

    /// Calls the script by its text: the server learns its name by that.
    pub(crate) fn by_text(&self, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
        call("EVAL", &self.text, keys, arguments)
    }
}

fn call(command: &str, script: &str, keys: &[&[u8]], arguments: &[&[u8]]) -> Cmd {
    let parts = keys.iter().chain(arguments);
    let size: usize = parts.clone().map(|part| part.len()).sum();
    let mut cmd = Cmd::with_capacity(
        keys.len() + arguments.len() + 3,
        size + command.len() + script.len() + 8,
    );
    cmd.arg(command).arg(script).arg(keys.len());
    for part in parts {
        cmd.arg(*part);
    }
    cmd
}

pub(crate) fn is_unknown(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}
