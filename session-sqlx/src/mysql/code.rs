use session_core::StoreErrorKind;
use sqlx::{error::DatabaseError, mysql::MySqlDatabaseError};

use crate::again::Trouble;

/// What the server's own number means; most of them MySQL and MariaDB share:
/// <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html>,
/// <https://mariadb.com/kb/en/mariadb-error-code-reference/>.
pub(super) fn kind(error: &dyn DatabaseError) -> StoreErrorKind {
    match number(error) {
        // The statement took longer than the server lets it.
        3024 | 1969 => StoreErrorKind::Timeout,
        // A packet or a value that is too large for the server or the column.
        1153 | 1301 | 1406 => StoreErrorKind::TooLarge,
        // A table or an index is damaged.
        1034 | 1035 | 1194 | 1195 | 1712 => StoreErrorKind::Corrupt,
        // No connection, no permission, no room, no lock, only reads, going down, rolled back.
        1020 | 1021 | 1037 | 1040 | 1041 | 1044 | 1045 | 1047 | 1053 | 1114 | 1129 | 1130
        | 1203 | 1205 | 1206 | 1213 | 1226 | 1290 | 1317 | 1461 | 1698 | 1792 | 1820 | 1836
        | 1862 | 1927 | 3100 | 3101 | 3118 | 3159 | 4031 | 4151 => StoreErrorKind::Unavailable,
        _ => StoreErrorKind::Other,
    }
}

/// What may be done about it.
pub(super) fn trouble(error: &dyn DatabaseError) -> Option<Trouble> {
    match number(error) {
        // A deadlock, a row that is newer than the snapshot, a replication group that said no: rolled
        // back.
        1213 | 1020 | 3101 => Some(Trouble::Contention),
        // Shutting down, killed, or closed for idling: the connection is gone.
        1053 | 1927 | 4031 => Some(Trouble::ConnectionLost),
        _ => None,
    }
}

fn number(error: &dyn DatabaseError) -> u16 {
    let error = error.try_downcast_ref::<MySqlDatabaseError>();
    error.map_or(0, MySqlDatabaseError::number)
}
