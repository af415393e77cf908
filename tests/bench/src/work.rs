//! What is measured: a work, on a store, by a contender.

/// What one request does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// The handler never touches the session that the request's cookie names.
    None,
    /// One key of an existing session.
    Read,
    /// One key set to a new value.
    Write,
    /// No cookie; a session made, with one key.
    New,
}

/// Where sessions are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the process.
    Memory,
    /// In a SQLite file.
    Sqlite,
    /// In a Redis server beside this process.
    Redis,
}

/// Who does it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contender {
    /// The same routes without any session.
    AxumAlone,
    /// A handler written by hand over the raw client.
    Limit,
    /// `session-http` over `session-memory`, `session-sqlx` or `session-redis`.
    Ours,
    /// The same over `session-redis` with a near cache.
    OursNear,
    /// `tower-sessions` with its memory store or its SQLite store.
    TowerSessions,
    /// `tower-sessions` with its moka store.
    TowerSessionsMoka,
}

/// One thing to measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell {
    /// Who.
    pub contender: Contender,
    /// Where.
    pub place: Place,
    /// What.
    pub work: Work,
}

/// The cells that are compared with one another; the first is what their throughput is a ratio to.
#[derive(Clone, Debug)]
pub struct Group {
    /// All of the same work and place.
    pub cells: Vec<Cell>,
}

impl Group {
    /// Everything that the table shows, in its order.
    pub fn all() -> Vec<Self> {
        use Contender::{AxumAlone, Limit, Ours, OursNear, TowerSessions, TowerSessionsMoka};
        let mut groups = vec![Self::new(
            Work::None,
            Place::Memory,
            &[AxumAlone, Ours, TowerSessions],
        )];
        for work in [Work::Read, Work::Write, Work::New] {
            let contenders = [Limit, AxumAlone, Ours, TowerSessions, TowerSessionsMoka];
            groups.push(Self::new(work, Place::Memory, &contenders));
        }
        for work in [Work::Read, Work::Write, Work::New] {
            groups.push(Self::new(
                work,
                Place::Sqlite,
                &[Limit, Ours, TowerSessions],
            ));
        }
        for work in [Work::Read, Work::Write, Work::New] {
            groups.push(Self::new(work, Place::Redis, &[Limit, Ours, OursNear]));
        }
        groups
    }

    /// Whether its cells have this place and this work, by their names.
    pub fn is(&self, place: &str, work: &str) -> bool {
        let first = self.cells.first();
        first.is_some_and(|cell| cell.place.name() == place && cell.work.name() == work)
    }

    fn new(work: Work, place: Place, contenders: &[Contender]) -> Self {
        let cells = contenders.iter().map(|contender| Cell {
            contender: *contender,
            place,
            work,
        });
        Self {
            cells: cells.collect(),
        }
    }
}

impl Work {
    /// Its route.
    pub fn path(self) -> &'static str {
        match self {
            Self::None => "/none",
            Self::Read => "/read",
            Self::Write => "/write",
            Self::New => "/new",
        }
    }

    /// Its name in the table, and on the command line.
    pub fn name(self) -> &'static str {
        self.path().trim_start_matches('/')
    }
}

impl Place {
    /// Its name in the table, and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Redis => "redis",
        }
    }
}

impl Contender {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::AxumAlone => "axum-alone",
            Self::Limit => "limit",
            Self::Ours => "ours",
            Self::OursNear => "ours-near",
            Self::TowerSessions => "tower-sessions",
            Self::TowerSessionsMoka => "tower-sessions-moka",
        }
    }
}

impl Cell {
    /// Whether it makes a digest of the session's ID, as only ours does.
    pub fn digests(self) -> bool {
        matches!(self.contender, Contender::Ours | Contender::OursNear) && self.work != Work::None
    }

    /// Reads what [`arguments`](Self::arguments) wrote.
    pub fn from_arguments(contender: &str, place: &str, work: &str) -> Option<Self> {
        use Contender::{AxumAlone, Limit, Ours, OursNear, TowerSessions, TowerSessionsMoka};
        let contenders = [
            AxumAlone,
            Limit,
            Ours,
            OursNear,
            TowerSessions,
            TowerSessionsMoka,
        ];
        let works = [Work::None, Work::Read, Work::Write, Work::New];
        let places = [Place::Memory, Place::Sqlite, Place::Redis];
        Some(Self {
            contender: contenders.into_iter().find(|it| it.name() == contender)?,
            place: places.into_iter().find(|it| it.name() == place)?,
            work: works.into_iter().find(|it| it.name() == work)?,
        })
    }

    /// The cell as arguments of a child process.
    pub fn arguments(self) -> [&'static str; 3] {
        [self.contender.name(), self.place.name(), self.work.name()]
    }
}
