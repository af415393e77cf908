#[cfg(feature = "deadpool")]
use std::collections::BTreeSet;
use std::{collections::HashSet, sync::Arc};

use redis::Value;

use super::{nodes::Node, slot::SLOTS};

/// A host and a port.
pub(crate) type Address = (String, u16);

/// Which master has which slot, as far as is known.
pub(super) struct Map {
    /// How often somebody has asked for it, whatever came of it.
    pub(super) asked: u64,
    /// The place of each slot's master among the nodes.
    owners: Vec<Option<u16>>,
    /// Masters, and those that others have pointed to.
    nodes: Vec<Arc<Node>>,
    /// Those of the URL: they may be names, which lead to whatever takes the cluster's place.
    seeds: Vec<Address>,
    /// As the last answer has them. Those that have left may be nodes of another cluster by now.
    replicas: Vec<Address>,
}

impl Map {
    pub(super) fn new(seeds: Vec<Address>) -> Self {
        Self {
            asked: 0,
            owners: vec![None; usize::from(SLOTS)],
            nodes: Vec::new(),
            seeds,
            replicas: Vec::new(),
        }
    }

    pub(super) fn master_of(&self, slot: u16) -> Option<Arc<Node>> {
        let owner = (*self.owners.get(usize::from(slot))?)?;
        self.nodes.get(usize::from(owner)).cloned()
    }

    /// The masters that have slots, and those that others have pointed to.
    pub(super) fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }

    /// Who else may be asked for it, each once.
    pub(super) fn others(&self) -> Vec<Address> {
        let mut seen: HashSet<&Address> = self.nodes.iter().map(|node| &node.at).collect();
        let others = self.seeds.iter().chain(&self.replicas);
        others.filter(|at| seen.insert(at)).cloned().collect()
    }

    /// The node at this address, made if there is none.
    pub(super) fn node<E>(
        &mut self,
        at: &Address,
        make: impl FnOnce(&Address) -> Result<Arc<Node>, E>,
    ) -> Result<Arc<Node>, E> {
        if let Some(node) = self.nodes.iter().find(|node| node.at == *at) {
            return Ok(Arc::clone(node));
        }
        let node = make(at)?;
        self.nodes.push(Arc::clone(&node));
        Ok(node)
    }

    /// A node said that this one has the slot.
    pub(super) fn moved(&mut self, slot: u16, to: &Node) {
        let place = self.nodes.iter().position(|node| node.at == to.at);
        let place = place.and_then(|place| u16::try_from(place).ok());
        if let (Some(place), Some(owner)) = (place, self.owners.get_mut(usize::from(slot))) {
            *owner = Some(place);
        }
    }

    /// Takes what a node answered for the truth; whether a node is no longer needed.
    pub(super) fn replace<E>(
        &mut self,
        slots: Slots,
        mut make: impl FnMut(&Address) -> Result<Arc<Node>, E>,
    ) -> Result<bool, E> {
        let mut nodes: Vec<Arc<Node>> = Vec::new();
        let mut owners = vec![None; usize::from(SLOTS)];
        for Range { from, to, master } in &slots.ranges {
            let place = match nodes.iter().position(|node| node.at == *master) {
                Some(place) => place,
                None => {
                    nodes.push(self.node(master, &mut make)?);
                    nodes.len() - 1
                }
            };
            let range = usize::from(*from)..=usize::from(*to);
            if let Some(owners) = owners.get_mut(range) {
                owners.fill(u16::try_from(place).ok());
            }
        }
        let kept: HashSet<&Address> = nodes.iter().map(|node| &node.at).collect();
        let is_gone = self.nodes.iter().any(|node| !kept.contains(&node.at));
        (self.nodes, self.owners, self.replicas) = (nodes, owners, slots.replicas);
        Ok(is_gone)
    }
}

/// What `CLUSTER SLOTS` answers.
#[derive(PartialEq, Eq, Debug)]
pub(in crate::link) struct Slots {
    ranges: Vec<Range>,
    replicas: Vec<Address>,
}

#[derive(PartialEq, Eq, Debug)]
struct Range {
    from: u16,
    to: u16,
    master: Address,
}

impl Slots {
    /// Each range is its first slot, its last, its master and the replicas of that: each a host, a port, and
    /// more. A host that is not said is that of the node that was asked. `None` if it is nothing of that
    /// kind, or no slots at all.
    pub(in crate::link) fn read(answer: Value, asked: &str) -> Option<Self> {
        let Value::Array(answer) = answer else {
            return None;
        };
        let mut slots = Self {
            ranges: Vec::new(),
            replicas: Vec::new(),
        };
        for range in answer {
            let Value::Array(range) = range else {
                return None;
            };
            let mut range = range.into_iter();
            let (from, to) = (slot(&range.next()?)?, slot(&range.next()?)?);
            let master = address(range.next()?, asked)?;
            slots.ranges.push(Range { from, to, master });
            for replica in range {
                slots.replicas.push(address(replica, asked)?);
            }
        }
        (!slots.ranges.is_empty()).then_some(slots)
    }

    #[cfg(feature = "deadpool")]
    pub(in crate::link) fn masters(self) -> BTreeSet<Address> {
        self.ranges.into_iter().map(|range| range.master).collect()
    }
}

fn slot(value: &Value) -> Option<u16> {
    match value {
        Value::Int(slot) => u16::try_from(*slot).ok().filter(|slot| *slot < SLOTS),
        _ => None,
    }
}

fn address(node: Value, asked: &str) -> Option<Address> {
    let Value::Array(node) = node else {
        return None;
    };
    let mut node = node.into_iter();
    let host = match node.next()? {
        Value::BulkString(host) => String::from_utf8(host).ok()?,
        Value::SimpleString(host) => host,
        Value::Nil => String::new(),
        _ => return None,
    };
    let host = match host.as_str() {
        "" | "?" => asked.to_owned(),
        _ => host,
    };
    match node.next()? {
        Value::Int(port) => Some((host, u16::try_from(port).ok()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(host: Value, port: i64) -> Value {
        let id = Value::BulkString(b"id".to_vec());
        Value::Array(vec![host, Value::Int(port), id])
    }

    fn host(host: &str) -> Value {
        Value::BulkString(host.as_bytes().to_vec())
    }

    fn range(from: i64, to: i64, nodes: Vec<Value>) -> Value {
        let ends = [Value::Int(from), Value::Int(to)];
        Value::Array(ends.into_iter().chain(nodes).collect())
    }

    /// Nobody connects to them.
    fn made(at: &Address) -> Result<Arc<Node>, ()> {
        use redis::{AsyncConnectionConfig, Client};

        use crate::link::{
            line::{Hooks, Line},
            source::Source,
        };

        let client = Client::open("redis://127.0.0.1:1").map_err(drop)?;
        let hooks = Hooks {
            given_up: Box::new(|| ()),
            unreachable: Box::new(|| ()),
        };
        let config = AsyncConnectionConfig::new();
        let source = Source::Server(Box::new(client));
        let line = Line::new(source, config, std::time::Duration::ZERO, hooks);
        let at = at.clone();
        Ok(Arc::new(Node { at, line }))
    }

    #[test]
    fn who_has_left_is_forgotten_unless_the_url_names_it() {
        let at = |port| ("a".to_owned(), port);
        let mut map = Map::new(vec![at(7), at(1), at(8)]);
        for replica in [2, 3, 4] {
            let nodes = vec![node(host("a"), 1), node(host("a"), replica)];
            let slots = Slots::read(Value::Array(vec![range(0, 16383, nodes)]), "a");
            map.replace(slots.unwrap(), made).unwrap();
        }
        let masters: Vec<_> = map.nodes().iter().map(|node| node.at.clone()).collect();
        assert_eq!(masters, [at(1)]);
        assert_eq!(map.others(), [at(7), at(8), at(4)]);
    }

    #[test]
    fn a_host_that_is_not_said_is_that_of_the_node_that_was_asked() {
        for unsaid in [Value::Nil, host(""), host("?")] {
            let nodes = vec![node(unsaid, 7001), node(host("b"), 7002)];
            let answer = Value::Array(vec![range(0, 100, nodes)]);
            let slots = Slots::read(answer, "a").unwrap();
            assert_eq!(slots.ranges[0].master, ("a".to_owned(), 7001));
            assert_eq!(slots.replicas, [("b".to_owned(), 7002)]);
        }
    }

    #[test]
    fn what_is_no_map_is_none() {
        let whole = |range| Value::Array(vec![range]);
        for answer in [
            Value::Nil,
            Value::Okay,
            Value::Array(Vec::new()),
            whole(Value::Int(0)),
            whole(range(0, 16384, vec![node(host("a"), 1)])),
            whole(range(-1, 1, vec![node(host("a"), 1)])),
            whole(range(0, 1, Vec::new())),
            whole(range(0, 1, vec![node(host("a"), 65536)])),
            whole(range(0, 1, vec![node(Value::Int(1), 1)])),
        ] {
            assert_eq!(Slots::read(answer.clone(), "a"), None, "{answer:?}");
        }
        // From its end to its beginning: nothing.
        let backwards = whole(range(9, 3, vec![node(host("a"), 1)]));
        assert!(Slots::read(backwards, "a").is_some());
    }
}
