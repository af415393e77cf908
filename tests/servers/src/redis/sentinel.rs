use super::{
    ask::ask,
    watching::{self, DATA, SERVICE},
};
use crate::{Kind, Server, ports::free_ports, run::wait_until};

/// After how many milliseconds a server that does not answer is taken for dead. A sentinel whose
/// connection was closed may wait a second before the next, which must not be enough.
const SOON: u32 = 1500;

/// A Redis master with two replicas, and three sentinels that make one of these the master when the
/// first is down for a second and a half, of one test's own. Gone, data and all, with this handle.
///
/// The data servers are 0, 1 and 2, of which 0 is the master at first; the sentinels are 3, 4 and 5.
#[derive(Debug)]
pub struct Sentinel {
    servers: Vec<Server>,
}

impl Sentinel {
    /// Starts one; `None`, with a word why, if Redis is not installed.
    ///
    /// # Panics
    /// If it is not installed and `SESSION_TEST_REQUIRE=all`, or it does not start.
    pub fn start() -> Option<Self> {
        let ports = free_ports::<{ watching::PORTS }>();
        let servers = super::start(Kind::RedisSentinel, &watching::members(&ports))?;
        watching::form(&ports, SOON);
        Some(Self { servers })
    }

    /// Its address: `redis+sentinel://127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/sessions`.
    pub fn url(&self) -> String {
        watching::url(&self.ports())
    }

    /// The ports of all servers.
    pub fn ports(&self) -> Vec<u16> {
        self.servers.iter().map(Server::port).collect()
    }

    /// Ends a server as a power cut would.
    pub fn kill(&self, server: usize) {
        self.servers[server].kill();
    }

    /// Makes a server answer nothing, though its connections stay.
    pub fn pause(&self, server: usize) {
        self.servers[server].pause();
    }

    /// Lets a server go on after [`pause`](Self::pause).
    pub fn resume(&self, server: usize) {
        self.servers[server].resume();
    }

    /// Starts a server again after [`kill`](Self::kill), on the same port and the same data, and waits
    /// until it answers. What was the master goes on as one until the sentinels notice, see
    /// [`settle`](Self::settle).
    ///
    /// # Panics
    /// If it does not start.
    pub fn restart(&self, server: usize) {
        self.servers[server].restart();
    }

    /// Waits until all six are up, and every sentinel knows the others, the master, and two replicas
    /// that are linked to it.
    ///
    /// # Panics
    /// If that does not come to be.
    pub fn settle(&self) {
        let ports = self.ports();
        let whole = || watching::whole(&ports);
        assert!(wait_until(whole), "the sentinels do not settle");
    }

    /// The master, as two sentinels at least say. It may be down, if they have not yet replaced it.
    ///
    /// # Panics
    /// If no two agree for long.
    pub fn master(&self) -> usize {
        self.wait_for(|_| true)
    }

    /// The next master after this one: two sentinels at least say so, and it does itself.
    ///
    /// # Panics
    /// If there is none for long.
    pub fn master_after(&self, last: usize) -> usize {
        let ports = self.ports();
        self.wait_for(|it| it != last && watching::leads(ports[it]).unwrap_or(false))
    }

    /// Has the sentinels make another server the master, in good order, and waits for that; the new
    /// master.
    ///
    /// # Panics
    /// If that does not come to be.
    pub fn failover(&self) -> usize {
        let last = self.master();
        let order = || {
            ask(
                self.servers[DATA].port(),
                &format!("SENTINEL FAILOVER {SERVICE}"),
            )
        };
        // It refuses while it knows of no replica that would do.
        assert!(wait_until(|| order().is_ok()), "no failover begins");
        self.master_after(last)
    }

    fn wait_for(&self, fits: impl Fn(usize) -> bool) -> usize {
        let (mut found, ports) = (None, self.ports());
        wait_until(|| {
            let said = ports[DATA..].iter().map(|it| watching::master(*it).ok());
            let said: Vec<_> = said.flatten().collect();
            let votes = |port: &u16| said.iter().filter(|it| *it == port).count();
            let mut data = ports[..DATA].iter();
            found = data
                .position(|port| votes(port) >= 2)
                .filter(|it| fits(*it));
            found.is_some()
        });
        found.expect("the sentinels know such a master")
    }
}
