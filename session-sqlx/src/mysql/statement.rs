use std::time::Duration;

use sqlx::{
    Encode, Execute, MySql, SqlSafeStr, SqlStr, Type,
    error::BoxDynError,
    mysql::{MySqlArguments, MySqlStatement},
    query::Query,
};

use crate::finish::{AT_THE_START, PATIENCE};

/// What can be run, with copies of the values that it has.
pub(super) struct Statement {
    sql: SqlStr,
    /// None of a text, which is not prepared and has no values.
    query: Option<Query<'static, MySql, MySqlArguments>>,
    may_come_late: bool,
}

impl Statement {
    /// One that each connection prepares once.
    pub(super) fn new(sql: &SqlStr) -> Self {
        Self {
            sql: sql.clone(),
            query: Some(sqlx::query(sql.clone())),
            may_come_late: true,
        }
    }

    /// One of a store's start, which runs once and so is not worth preparing.
    pub(super) fn text(sql: impl SqlSafeStr) -> Self {
        Self {
            sql: sql.into_sql_str(),
            query: None,
            may_come_late: true,
        }
    }

    /// One that would undo what others have done since, if it came when its caller has long gone. The others only
    /// read, or write where nobody has since.
    pub(super) fn not_late(mut self) -> Self {
        self.may_come_late = false;
        self
    }

    pub(super) fn may_come_late(&self) -> bool {
        self.may_come_late
    }

    /// Gives the next `?` its value.
    pub(super) fn bind<'t, T: Encode<'t, MySql> + Type<MySql>>(mut self, value: T) -> Self {
        self.query = self.query.map(|query| query.bind(value));
        self
    }

    /// How long its answer is awaited for nobody.
    pub(super) fn patience(&self) -> Duration {
        match self.query {
            Some(_) => PATIENCE,
            None => AT_THE_START,
        }
    }

    /// What a connection has to prepare before it runs this.
    pub(super) fn to_prepare(&self) -> Option<&SqlStr> {
        self.query.as_ref().map(|_| &self.sql)
    }
}

impl Execute<'static, MySql> for Statement {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&MySqlStatement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<MySqlArguments>, BoxDynError> {
        match &mut self.query {
            Some(query) => query.take_arguments(),
            None => Ok(None),
        }
    }

    fn persistent(&self) -> bool {
        true
    }
}
