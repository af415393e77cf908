//! What a node of a cluster says of itself and the others.

use std::io;

use super::ask::ask;

/// A line of `CLUSTER NODES`.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) flags: Vec<String>,
    pub(crate) epoch: u64,
    /// From, to; both included.
    slots: Vec<(u16, u16)>,
}

impl Node {
    /// All that the node on this port knows.
    pub(crate) fn known_to(port: u16) -> io::Result<Vec<Self>> {
        let lines = ask(port, "CLUSTER NODES")?.text();
        Ok(lines.lines().filter_map(Self::parse).collect())
    }

    /// The node on this port, as it sees itself.
    pub(crate) fn at(port: u16) -> io::Result<Self> {
        let mut known = Self::known_to(port)?.into_iter();
        let found = known.find(|node| node.is("myself"));
        found.ok_or_else(|| io::Error::other("it does not know itself"))
    }

    pub(crate) fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|it| it == flag)
    }

    pub(crate) fn is_master_of(&self, slot: u16) -> bool {
        let mut slots = self.slots.iter();
        self.is("master") && slots.any(|(from, to)| (*from..=*to).contains(&slot))
    }

    /// `id address flags master ping pong epoch link slot from-to [slot->-importer] ...`
    fn parse(line: &str) -> Option<Self> {
        let words: Vec<_> = line.split(' ').collect();
        let slots = words.iter().skip(8).filter_map(|slots| {
            let (from, to) = slots.split_once('-').unwrap_or((slots, slots));
            Some((from.parse().ok()?, to.parse().ok()?))
        });
        Some(Self {
            id: (*words.first()?).to_owned(),
            flags: words.get(2)?.split(',').map(str::to_owned).collect(),
            epoch: words.get(6)?.parse().ok()?,
            slots: slots.collect(),
        })
    }
}
