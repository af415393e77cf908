//! A look into Redis from outside, as session-redis/src/layout.rs says what is there.

use session_redis::redis::{Client, FromRedisValue, RedisResult, aio::MultiplexedConnection, cmd};

/// What begins the name of a record, before its key.
const RECORD: &[u8] = b"session:s:";
const HEADER: usize = 44;
/// What follows the data of a record that is on its way to another name.
const ORIGIN: usize = 48;

/// How a record begins that is not living: what it is moved to, and what has moved.
const RESERVED: [u8; 2] = [1, 1];
const MOVED: [u8; 2] = [1, 2];

/// A server, or each node of a cluster.
pub(crate) struct Keys(Vec<MultiplexedConnection>);

impl Keys {
    pub(crate) async fn open(url: &str) -> Self {
        let (_, hosts) = url.split_once("//").unwrap();
        let mut nodes = Vec::new();
        for host in hosts.split(',') {
            let client = Client::open(format!("redis://{host}")).unwrap();
            nodes.push(client.get_multiplexed_async_connection().await.unwrap());
        }
        Self(nodes)
    }

    /// The key and the data of each record that can be read, or whose move has been decided.
    pub(crate) async fn rows(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let values = self.values().await;
        let has_moved = |from: &[u8], to: &[u8]| {
            values
                .iter()
                .any(|(key, value)| key == from && value.starts_with(&MOVED) && data(value) == to)
        };
        let mut rows = Vec::new();
        for (key, value) in &values {
            let data = data(value);
            if value.starts_with(&RESERVED) {
                let (data, origin) = data.split_at(data.len() - ORIGIN);
                if has_moved(&origin[..key.len()], key) {
                    rows.push((key.clone(), data.to_vec()));
                }
            } else if !value.starts_with(&MOVED) {
                rows.push((key.clone(), data.to_vec()));
            }
        }
        rows
    }

    /// Adds a user of this name and password who may run these commands.
    pub(crate) async fn add_user(&mut self, name: &str, password: &str, may: &str) {
        let password = format!(">{password}");
        let words = ["SETUSER", name, "on", &password, "~*", "&*", may];
        for node in &mut self.0 {
            let added: RedisResult<()> = ask(node, "ACL", &words.map(str::as_bytes)).await;
            added.unwrap();
        }
    }

    /// Ends the server, or each node.
    pub(crate) async fn stop(&mut self) {
        for node in &mut self.0 {
            // It ends instead of answering.
            drop(ask::<()>(node, "SHUTDOWN", &[b"NOSAVE"]).await);
        }
    }

    /// The names and contents of everything there is, of masters alone.
    pub(crate) async fn dump(&mut self) -> Vec<u8> {
        let mut parts = Vec::new();
        for node in &mut self.0 {
            for name in names(node, b"*").await {
                let kind: RedisResult<String> = ask(node, "TYPE", &[&name]).await;
                // A replica does not answer this.
                let Ok(kind) = kind else { continue };
                parts.extend(match kind.as_str() {
                    "string" => vec![ask(node, "GET", &[&name]).await.unwrap_or_default()],
                    "zset" => ask(node, "ZRANGE", &[&name, b"0", b"-1"]).await.unwrap(),
                    other => panic!("there is a {other}"),
                });
                parts.push(name);
            }
        }
        parts.join(&b' ')
    }

    /// Writes this data into the record of this key.
    pub(crate) async fn overwrite(&mut self, key: &[u8], data_now: &[u8]) {
        let mut values = self.values().await.into_iter();
        let (_, value) = values.find(|(found, _)| found == key).unwrap();
        let start = value.len() - data(&value).len();
        self.put(key, &[&value[..start], data_now].concat()).await;
    }

    /// Writes this value where the record of this key is.
    pub(crate) async fn put(&mut self, key: &[u8], value: &[u8]) {
        let name = [RECORD, key].concat();
        for node in &mut self.0 {
            // Other nodes of a cluster say whom to ask.
            let put = ask::<String>(node, "SET", &[&name, value, b"KEEPTTL"]).await;
            if put.is_ok() {
                return;
            }
        }
        panic!("no node takes it");
    }

    /// The key and the value of each record, of masters alone.
    async fn values(&mut self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut values = Vec::new();
        for node in &mut self.0 {
            let pattern = [RECORD, b"*"].concat();
            for name in names(node, &pattern).await {
                // A replica does not answer this, and what has expired meanwhile is not there.
                let value: RedisResult<Option<Vec<u8>>> = ask(node, "GET", &[&name]).await;
                let value = value.ok().flatten();
                values.extend(value.map(|value| (name[RECORD.len()..].to_vec(), value)));
            }
        }
        values
    }
}

/// All that follows header and owner; empty if that is not there.
fn data(value: &[u8]) -> &[u8] {
    let owner = value.get(HEADER - 2..HEADER);
    let owner = owner.map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    let start = HEADER + usize::from(owner.saturating_sub(1));
    value.get(start..).unwrap_or_default()
}

async fn names(node: &mut MultiplexedConnection, pattern: &[u8]) -> Vec<Vec<u8>> {
    ask(node, "KEYS", &[pattern]).await.unwrap()
}

async fn ask<T: FromRedisValue>(
    node: &mut MultiplexedConnection,
    command: &str,
    arguments: &[&[u8]],
) -> RedisResult<T> {
    let mut command = cmd(command);
    for argument in arguments {
        command.arg(*argument);
    }
    command.query_async(node).await
}
