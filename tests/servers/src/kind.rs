use crate::single::Single;

/// A server that tests may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the tests know all of them")]
pub enum Kind {
    /// PostgreSQL, with `pg_stat_statements`.
    Postgres,
    /// MariaDB, which speaks MySQL.
    MariaDb,
    /// Redis.
    Redis,
    /// A Redis Cluster: three masters with a replica each. As a test's own it is a
    /// [`Cluster`](crate::Cluster).
    RedisCluster,
    /// A Redis master with two replicas and three sentinels. As a test's own it is a
    /// [`Sentinel`](crate::Sentinel).
    RedisSentinel,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
            Self::Redis => "redis",
            Self::RedisCluster => "redis-cluster",
            Self::RedisSentinel => "redis-sentinel",
        }
    }

    pub(crate) const fn package(self) -> &'static str {
        match self.single() {
            Single::Postgres => "postgresql",
            Single::MariaDb => "mariadb-server",
            Single::Redis => "redis-server",
        }
    }

    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "SESSION_TEST_POSTGRES_URL",
            Self::MariaDb => "SESSION_TEST_MARIADB_URL",
            Self::Redis => "SESSION_TEST_REDIS_URL",
            Self::RedisCluster => "SESSION_TEST_REDIS_CLUSTER_URL",
            Self::RedisSentinel => "SESSION_TEST_REDIS_SENTINEL_URL",
        }
    }

    /// What it is, or each of its members.
    pub(crate) const fn single(self) -> Single {
        match self {
            Self::Postgres => Single::Postgres,
            Self::MariaDb => Single::MariaDb,
            Self::Redis | Self::RedisCluster | Self::RedisSentinel => Single::Redis,
        }
    }
}
