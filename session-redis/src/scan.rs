use std::vec;

use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value};

use crate::link::{Link, Server};

/// How many keys the server looks at in one step: few enough that nobody waits for it.
const STEP: &str = "500";

/// Goes through the names that match a pattern, on each server, in bounded steps. A name that is there all
/// the time is found at least once, one that comes or goes meanwhile may be.
pub(crate) struct Scan<'a> {
    link: &'a Link,
    pattern: Vec<u8>,
    /// Of which type they have to be, where it matters.
    of_type: Option<&'static str>,
    servers: vec::IntoIter<Server>,
    /// The server that is gone through, and the cursor that it gave.
    current: Option<(Server, Vec<u8>)>,
}

impl<'a> Scan<'a> {
    pub(crate) async fn begin(link: &'a Link, pattern: Vec<u8>) -> RedisResult<Self> {
        let mut servers = link.servers().await?.into_iter();
        let current = servers.next().map(|server| (server, b"0".to_vec()));
        Ok(Self {
            link,
            pattern,
            of_type: None,
            servers,
            current,
        })
    }

    /// Goes past what is not a string, as every record is.
    pub(crate) fn of_strings(mut self) -> Self {
        self.of_type = Some("string");
        self
    }

    /// The names that the next step finds, none perhaps; `None` after the last one.
    pub(crate) async fn step(&mut self) -> RedisResult<Option<Vec<Vec<u8>>>> {
        let Some((server, cursor)) = self.current.take() else {
            return Ok(None);
        };
        let mut cmd = Cmd::new();
        cmd.arg("SCAN").arg(cursor);
        cmd.arg("MATCH").arg(&self.pattern).arg("COUNT").arg(STEP);
        if let Some(of_type) = self.of_type {
            cmd.arg("TYPE").arg(of_type);
        }
        let answer = self.link.send_to(&server, cmd).await?;
        let (cursor, names) = answer.and_then(read).ok_or_else(not_understood)?;
        self.current = if cursor == b"0" {
            self.servers.next().map(|server| (server, cursor))
        } else {
            Some((server, cursor))
        };
        Ok(Some(names))
    }
}

fn read(answer: Value) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    let Value::Array(parts) = answer else {
        return None;
    };
    let mut parts = parts.into_iter();
    let (Some(Value::BulkString(cursor)), Some(Value::Array(names))) = (parts.next(), parts.next())
    else {
        return None;
    };
    let names = names.into_iter().map(|name| match name {
        Value::BulkString(name) => Some(name),
        _ => None,
    });
    Some((cursor, names.collect::<Option<_>>()?))
}

fn not_understood() -> RedisError {
    (ErrorKind::UnexpectedReturnType, "SCAN is not understood").into()
}
