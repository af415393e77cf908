use redis::{ErrorKind, RedisError, ServerErrorKind, Value};

use super::map::Address;
use crate::link::Failure;

/// Why a node did not do what it was asked for.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Detour {
    /// Another node has the slot.
    Moved(Address),
    /// Another node has the key already, and will have its slot.
    Ask(Address),
    /// It will be possible in a moment: keys are on their way, or the cluster is choosing a master.
    Wait,
    /// It could not be reached.
    Unreachable,
    /// It may have been done, and the answer was lost; or the node is no longer a master.
    Lost,
}

impl Detour {
    /// `None` if it did. `asked` is its host, which its answer may leave out.
    pub(super) fn of(answer: &Result<Vec<Value>, Failure>, asked: &str) -> Option<Self> {
        match answer {
            Ok(values) => {
                let (place, error) = values.iter().enumerate().find_map(|(place, value)| {
                    let Value::ServerError(_) = value else {
                        return None;
                    };
                    Some((place, value.clone().extract_error().err()?))
                })?;
                match Self::told(&error, asked)? {
                    // The word that lets it in would reach the first command alone.
                    Self::Ask(_) if place > 0 => None,
                    detour => Some(detour),
                }
            }
            Err(failure) if failure.is_of_the_connection() => Some(if failure.sent {
                Self::Lost
            } else {
                Self::Unreachable
            }),
            Err(failure) => Self::told(&failure.error, asked),
        }
    }

    fn told(error: &RedisError, asked: &str) -> Option<Self> {
        let ErrorKind::Server(kind) = error.kind() else {
            return None;
        };
        match kind {
            ServerErrorKind::Moved => Some(Self::Moved(address(error, asked)?)),
            ServerErrorKind::Ask => Some(Self::Ask(address(error, asked)?)),
            ServerErrorKind::TryAgain | ServerErrorKind::ClusterDown => Some(Self::Wait),
            _ => None,
        }
    }
}

fn address(error: &RedisError, asked: &str) -> Option<Address> {
    let (at, _slot) = error.redirect_node()?;
    let (host, port) = at.rsplit_once(':')?;
    let host = match host.trim_start_matches('[').trim_end_matches(']') {
        "" | "?" => asked,
        host => host,
    };
    Some((host.to_owned(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answer: &str) -> Value {
        redis::parse_redis_value(format!("-{answer}\r\n").as_bytes()).unwrap()
    }

    fn refused(answer: &str) -> Result<Vec<Value>, Failure> {
        let error = told(answer).extract_error().unwrap_err();
        Err(Failure::sent(error))
    }

    #[test]
    fn a_node_says_where_to_go() {
        let at = |host: &str| (host.to_owned(), 6381);
        for (answer, detour) in [
            (
                "MOVED 3999 10.0.0.1:6381",
                Some(Detour::Moved(at("10.0.0.1"))),
            ),
            ("MOVED 3999 :6381", Some(Detour::Moved(at("asked")))),
            ("MOVED 3999 ?:6381", Some(Detour::Moved(at("asked")))),
            (
                "MOVED 3999 node.example:6381",
                Some(Detour::Moved(at("node.example"))),
            ),
            ("ASK 3999 ::1:6381", Some(Detour::Ask(at("::1")))),
            ("ASK 3999 [::1]:6381", Some(Detour::Ask(at("::1")))),
            ("TRYAGAIN Multiple keys", Some(Detour::Wait)),
            ("CLUSTERDOWN Hash slot not served", Some(Detour::Wait)),
            ("READONLY You can't write", Some(Detour::Lost)),
            ("MOVED", None),
            ("MOVED 3999 nowhere", None),
            ("MOVED 3999 a:65536", None),
            ("WRONGTYPE Operation against", None),
        ] {
            assert_eq!(Detour::of(&refused(answer), "asked"), detour, "{answer}");
        }
    }

    #[test]
    fn the_second_of_two_commands_may_be_refused() {
        let moved = || told("MOVED 1 a:1");
        let at = || ("a".to_owned(), 1);
        let of = |values| Detour::of(&Ok(values), "asked");
        assert_eq!(of(vec![Value::Okay, Value::Nil]), None);
        assert_eq!(of(vec![Value::Okay, moved()]), Some(Detour::Moved(at())));
        assert_eq!(of(vec![moved(), Value::Int(0)]), Some(Detour::Moved(at())));
        assert_eq!(
            of(vec![told("ASK 1 a:1"), Value::Int(0)]),
            Some(Detour::Ask(at()))
        );
        assert_eq!(of(vec![Value::Okay, told("ASK 1 a:1")]), None);
    }
}
