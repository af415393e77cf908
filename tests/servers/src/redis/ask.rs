//! Asking a Redis server something, each time on a connection of its own.

use std::{
    io::{self, BufRead, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// How long a server may take to answer. A paused one never does.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a server answers.
#[derive(Debug)]
pub(crate) enum Reply {
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Nothing,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::List(_) | Self::Nothing => String::new(),
        }
    }

    pub(crate) fn list(self) -> Vec<Self> {
        match self {
            Self::List(list) => list,
            Self::Bytes(_) | Self::Nothing => Vec::new(),
        }
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::List(_) | Self::Nothing => Vec::new(),
        }
    }
}

/// Asks the server on this port for what these words say. What it refuses is an error.
pub(crate) fn ask(port: u16, words: &str) -> io::Result<Reply> {
    let words: Vec<_> = words.split(' ').map(str::as_bytes).collect();
    ask_bytes(port, &words)
}

/// [`ask`], with words that may have anything in them.
pub(crate) fn ask_bytes(port: u16, words: &[&[u8]]) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        request.extend(format!("${}\r\n", word.len()).as_bytes());
        request.extend(*word);
        request.extend(b"\r\n");
    }
    stream.write_all(&request)?;
    read(&mut BufReader::new(stream))
}

fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let line = line.trim_end();
    let Some((kind, rest)) = line.split_at_checked(1) else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let length = || rest.parse::<i64>().map_err(io::Error::other);
    Ok(match kind {
        "+" | ":" => Reply::Bytes(rest.into()),
        "$" => match usize::try_from(length()?) {
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                stream.read_exact(&mut bytes)?;
                bytes.truncate(length);
                Reply::Bytes(bytes)
            }
            Err(_) => Reply::Nothing,
        },
        "*" => {
            let list: io::Result<Vec<_>> = (0..length()?).map(|_| read(stream)).collect();
            Reply::List(list?)
        }
        _ => return Err(io::Error::other(line)),
    })
}
