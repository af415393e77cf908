//! What is started together: one server, or the many that are one for its users.

use std::{fs, path::Path};

use crate::{
    Kind,
    ports::free_ports,
    program::{self, Account},
    redis::{LATE, Member, forming, watching},
    run::wait_until,
    single::Place,
};

/// All servers of a kind that a run shares, and their ports.
#[derive(Debug)]
pub(crate) struct Group {
    kind: Kind,
    ports: Vec<u16>,
}

impl Group {
    /// One on free ports.
    pub(crate) fn new(kind: Kind) -> Self {
        let ports = match kind {
            Kind::Postgres | Kind::MariaDb | Kind::Redis => free_ports::<1>().into(),
            Kind::RedisCluster => free_ports::<{ forming::PORTS }>().into(),
            Kind::RedisSentinel => free_ports::<{ watching::PORTS }>().into(),
        };
        Self { kind, ports }
    }

    /// What [`write`](Self::write) has written there.
    pub(crate) fn read(kind: Kind, file: &Path) -> Option<Self> {
        let ports = fs::read_to_string(file).ok()?;
        let ports: Option<Vec<_>> = ports.lines().map(|port| port.parse().ok()).collect();
        let ports = ports.filter(|ports| !ports.is_empty())?;
        Some(Self { kind, ports })
    }

    pub(crate) fn write(&self, file: &Path) {
        let ports: Vec<_> = self.ports.iter().map(u16::to_string).collect();
        fs::write(file, ports.join("\n")).unwrap();
    }

    pub(crate) fn url(&self) -> String {
        match self.kind {
            Kind::Postgres | Kind::MariaDb | Kind::Redis => self.kind.single().url(self.ports[0]),
            Kind::RedisCluster => forming::url(&self.ports),
            Kind::RedisSentinel => watching::url(&self.ports),
        }
    }

    /// Makes an empty folder into one that its servers can start on; their commands.
    pub(crate) fn prepare(&self, data: &Path, account: Option<&Account>) -> Vec<Vec<String>> {
        let single = self.kind.single();
        let prepare = |(index, member): (usize, Member)| {
            let data = data.join(index.to_string());
            program::make_folder(&data, account);
            let place = Place {
                data: &data,
                account,
                port: member.port,
            };
            single.prepare(&place);
            [single.command(&place), member.arguments].concat()
        };
        self.members()
            .into_iter()
            .enumerate()
            .map(prepare)
            .collect()
    }

    /// Waits until all have started, and makes them what they are to be together.
    pub(crate) fn form(&self, data: &Path) -> bool {
        let ready = wait_until(|| self.is_ready(data));
        if ready {
            match self.kind {
                Kind::Postgres | Kind::MariaDb | Kind::Redis => {}
                // Nobody ends a server of these.
                Kind::RedisCluster => {
                    forming::form(&self.ports);
                    forming::calm(&self.ports);
                }
                Kind::RedisSentinel => watching::form(&self.ports, LATE),
            }
        }
        ready
    }

    /// Whether each of them would serve a client now.
    pub(crate) fn is_ready(&self, data: &Path) -> bool {
        let mut members = self.members().into_iter().enumerate();
        members.all(|(index, member)| {
            let data = data.join(index.to_string());
            self.kind.single().is_ready(&data, member.port)
        })
    }

    fn members(&self) -> Vec<Member> {
        match self.kind {
            Kind::Postgres | Kind::MariaDb | Kind::Redis => vec![Member {
                port: self.ports[0],
                arguments: Vec::new(),
            }],
            Kind::RedisCluster => forming::members(&self.ports),
            Kind::RedisSentinel => watching::members(&self.ports),
        }
    }
}
