//! The command line: every option is checked before anything starts.

use std::{error::Error, net::SocketAddr, process::ExitCode, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{Parser, builder::BoolishValueParser, value_parser};
use session_core::Renew;

use crate::url::StoreUrl;

/// 400 days, the longest that a session may live.
const LONGEST: u64 = 400 * 24 * 60 * 60;
/// The octets of a key, at least.
const KEY_OCTETS: usize = 32;

/// What the demo was asked to do.
pub(crate) struct Options {
    pub(crate) store: StoreUrl,
    pub(crate) listen: SocketAddr,
    pub(crate) idle: Option<Duration>,
    pub(crate) absolute: Option<Duration>,
    pub(crate) renew: Renew,
    pub(crate) store_timeout: Duration,
    pub(crate) near_cache: bool,
}

/// A small shop and a JSON API on sessions.
#[derive(Parser)]
#[command(name = "demo", max_term_width = 100)]
struct CommandLine {
    /// Where sessions are kept: `memory:`, `sqlite:PATH`, `sqlite::memory:`, a database at
    /// `postgres://USER:PASSWORD@HOST/DATABASE` or `mysql://USER:PASSWORD@HOST/DATABASE`, or Redis at
    /// `redis://USER:PASSWORD@HOST/DATABASE` (`rediss://` with TLS),
    /// `redis+cluster://HOST:PORT,HOST:PORT` or `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE`
    #[arg(
        long,
        env = "DEMO_STORE",
        value_name = "URL",
        default_value = "sqlite:demo.db"
    )]
    #[arg(hide_env_values = true)]
    store: String,
    /// The address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "DEMO_LISTEN",
        value_name = "ADDR:PORT",
        default_value = "127.0.0.1:3000"
    )]
    listen: SocketAddr,
    /// End sessions that are not used for so long [default: one day]
    #[arg(long, env = "DEMO_IDLE", allow_negative_numbers = true, value_name = "SECS", value_parser = value_parser!(u64).range(1..=LONGEST))]
    idle: Option<u64>,
    /// End sessions so long after their beginning [default: 30 days]
    #[arg(long, env = "DEMO_ABSOLUTE", allow_negative_numbers = true, value_name = "SECS", value_parser = value_parser!(u64).range(1..=LONGEST))]
    absolute: Option<u64>,
    /// When a request that only reads renews the idle timeout: throttled, every-request or never
    #[arg(long, env = "DEMO_RENEW", value_name = "WHEN", default_value = "throttled", value_parser = renew)]
    renew: Renew,
    /// How long the store may take for one operation
    #[arg(
        long,
        env = "DEMO_STORE_TIMEOUT",
        allow_negative_numbers = true,
        value_name = "MILLIS",
        default_value = "2000"
    )]
    #[arg(value_parser = value_parser!(u64).range(1..=3_600_000))]
    store_timeout: u64,
    /// Read sessions from a copy in this process that Redis keeps up to date; for Redis
    #[arg(long, env = "DEMO_NEAR_CACHE", value_parser = BoolishValueParser::new())]
    near_cache: bool,
    /// The key that seals sessions in cookies: base64 of 32 octets or more; for `cookie:`
    #[arg(long, env = "DEMO_KEY", value_name = "BASE64", hide_env_values = true)]
    key: Option<String>,
}

impl Options {
    /// Reads the command line and the environment.
    pub(crate) fn parse() -> Result<Self, Refusal> {
        let line = CommandLine::try_parse().map_err(Refusal::CommandLine)?;
        line.check().map_err(Refusal::Line)
    }
}

impl CommandLine {
    fn check(self) -> Result<Options, String> {
        if let Some(key) = &self.key {
            // The text itself is secret, so no message repeats it.
            match STANDARD.decode(key) {
                Err(_) => return Err("--key is not base64".to_owned()),
                Ok(octets) if octets.len() < KEY_OCTETS => {
                    let got = octets.len();
                    return Err(format!(
                        "--key has {got} octets, it needs {KEY_OCTETS} or more"
                    ));
                }
                Ok(_) => {}
            }
        }
        let store = StoreUrl::parse(&self.store)?;
        if self.key.is_some() {
            return Err(format!(
                "--key has no use with {store}, which keeps nothing in cookies"
            ));
        }
        if self.near_cache {
            match store {
                StoreUrl::Redis(_) => {}
                StoreUrl::Postgres(_) | StoreUrl::MySql(_) => {
                    return Err(format!(
                        "--near-cache with {store} is not available in this build"
                    ));
                }
                StoreUrl::Memory | StoreUrl::Sqlite(_) | StoreUrl::SqliteMemory => {
                    return Err(format!(
                        "--near-cache has no use with {store}, which is near already"
                    ));
                }
            }
        }
        Ok(Options {
            store,
            listen: self.listen,
            idle: self.idle.map(Duration::from_secs),
            absolute: self.absolute.map(Duration::from_secs),
            renew: self.renew,
            store_timeout: Duration::from_millis(self.store_timeout),
            near_cache: self.near_cache,
        })
    }
}

fn renew(text: &str) -> Result<Renew, &'static str> {
    match text {
        "throttled" => Ok(Renew::Throttled),
        "every-request" => Ok(Renew::EveryRequest),
        "never" => Ok(Renew::Never),
        _ => Err("it is throttled, every-request or never"),
    }
}

/// Why the demo does not start.
pub(crate) enum Refusal {
    CommandLine(clap::Error),
    Line(String),
}

impl Refusal {
    /// An error with all its causes.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        Self::Line(with_causes(error))
    }

    /// Says so in one line and gives the exit status, 2; `--help` is no refusal, and has 0.
    pub(crate) fn print(self) -> ExitCode {
        let text = match self {
            Self::CommandLine(error) if !error.use_stderr() => {
                return match error.print() {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(_) => ExitCode::FAILURE,
                };
            }
            Self::CommandLine(error) => {
                // The first line names the option and the fault; hints follow.
                let text = error.to_string();
                let line = text.lines().next().unwrap_or_default();
                line.trim_start_matches("error: ").to_owned()
            }
            Self::Line(text) => text.replace(['\r', '\n'], " "),
        };
        eprintln!("demo: {text}");
        ExitCode::from(2)
    }
}

/// What an error and all its causes say.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Some errors repeat their cause themselves.
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}
