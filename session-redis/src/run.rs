//! Sending, and sending again: what a lost connection, an emptied script cache and a failover allow.

use std::{time::Instant, vec};

use redis::{Cmd, ErrorKind, Pipeline, RedisError, Value};
use session_core::{Operation, StoreError, StoreErrorKind};

use crate::{
    error::{is_demoted, store_error, store_error_of_one},
    link::{Failure, Request},
    script::{Script, is_unknown},
    store::Shared,
};

// What scripts answer, as in clock.lua.
pub(crate) const MISSING: i64 = 0;
pub(crate) const DONE: i64 = 1;
pub(crate) const CONFLICT: i64 = 2;
#[cfg(feature = "cluster")]
pub(crate) const INDEX_FIRST: i64 = 3;
#[cfg(feature = "cluster")]
pub(crate) const UNSETTLED: i64 = 4;
#[cfg(feature = "cluster")]
pub(crate) const LATE: i64 = 5;
/// What no script answers: the answer was lost.
#[cfg(feature = "cluster")]
pub(crate) const LOST: i64 = -1;

/// Whether a command is sent again when its connection was lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnLoss {
    /// Once: twice is no more than once, or the script finds out.
    Again,
    /// Never: a second time could undo what others did in between.
    Fail,
    /// By whoever sent it, who has something else to do before, and is told by `LOST`.
    #[cfg(feature = "cluster")]
    Tell,
}

/// An entry of an owner's index.
#[cfg(feature = "cluster")]
pub(crate) struct Stay {
    pub(crate) owner: Vec<u8>,
    pub(crate) claim: Vec<u8>,
}

/// What a script answered.
pub(crate) struct Answer {
    pub(crate) code: i64,
    rest: vec::IntoIter<Value>,
    /// The loss of a connection before this answer, after which it may have run already.
    pub(crate) loss: Option<StoreError>,
}

impl Answer {
    pub(crate) fn bytes(&mut self) -> Option<Vec<u8>> {
        match self.rest.next()? {
            Value::BulkString(bytes) => Some(bytes),
            Value::VerbatimString { text, .. } => Some(text.into_bytes()),
            _ => None,
        }
    }

    fn int(&mut self) -> Option<i64> {
        match self.rest.next()? {
            Value::Int(int) => Some(int),
            Value::BulkString(digits) => str::from_utf8(&digits).ok()?.parse().ok(),
            _ => None,
        }
    }

    /// A number of things.
    pub(crate) fn count(&mut self) -> u64 {
        self.int().map_or(0, i64::unsigned_abs)
    }

    /// Where the record was listed: an owner, how long it stays there or 0, and a claim.
    #[cfg(feature = "cluster")]
    pub(crate) fn stay(&mut self) -> Option<Stay> {
        let (owner, held, claim) = (self.bytes()?, self.bytes()?, self.bytes()?);
        (held != b"0").then_some(Stay { owner, claim })
    }

    /// The code, if it proves that this run did it; else nobody knows, and the loss is reported.
    pub(crate) fn if_done(self) -> Result<i64, StoreError> {
        match self.loss {
            Some(loss) if self.code != DONE => Err(loss),
            _ => Ok(self.code),
        }
    }
}

impl Shared {
    /// Runs a script, by its text where the server does not know it yet.
    pub(crate) async fn run(
        &self,
        operation: Operation,
        on_loss: OnLoss,
        script: &Script,
        keys: &[&[u8]],
        arguments: &[&[u8]],
    ) -> Result<Answer, StoreError> {
        let key = keys.first().copied().unwrap_or_default();
        let mut cmd = script.by_name(keys, arguments);
        let mut unknown = false;
        let mut again = Again::new(self, operation, on_loss);
        loop {
            let asked = Instant::now();
            match self.send(key, &cmd, script.writes).await {
                Ok((answer, copies)) => {
                    let answered = Instant::now();
                    let read = read(answer).ok_or_else(|| not_understood(operation));
                    let (code, micros, rest) = read?;
                    self.clock.observe(micros, asked, answered);
                    self.check_copies(operation, code, copies)?;
                    return Ok(Answer {
                        code,
                        rest,
                        loss: again.loss,
                    });
                }
                Err(failure) if is_unknown(&failure.error) && !unknown => {
                    unknown = true;
                    cmd = script.by_text(keys, arguments);
                }
                #[cfg(feature = "cluster")]
                Err(failure) if on_loss == OnLoss::Tell && failure.is_lost() => {
                    return Ok(Answer {
                        code: LOST,
                        rest: Vec::new().into_iter(),
                        loss: Some(self.error(operation, failure.error)),
                    });
                }
                Err(failure) => again.or(failure)?,
            }
        }
    }

    /// Sends a command that only reads, of this key.
    pub(crate) async fn ask(
        &self,
        operation: Operation,
        key: &[u8],
        request: Request<'_>,
    ) -> Result<Vec<Value>, StoreError> {
        let mut again = Again::new(self, operation, OnLoss::Again);
        loop {
            match self.link.send(key, request).await {
                Ok(answers) => {
                    return answers
                        .into_iter()
                        .map(|answer| {
                            answer
                                .extract_error()
                                .map_err(|error| self.error(operation, error))
                        })
                        .collect();
                }
                Err(failure) => again.or(failure)?,
            }
        }
    }

    /// Sends a script, and waits for replicas to have what it wrote if it is to; how many have.
    async fn send(
        &self,
        key: &[u8],
        cmd: &Cmd,
        writes: bool,
    ) -> Result<(Value, Option<i64>), Failure> {
        let Some(replicas) = self.replicas.filter(|_| writes) else {
            let answer = self.link.send(key, Request::One(cmd)).await?.pop();
            return Ok((answer.unwrap_or(Value::Nil), None));
        };
        let mut both = Pipeline::with_capacity(2);
        both.add_command(cmd.clone());
        both.cmd("WAIT").arg(replicas.count).arg(replicas.millis());
        let link = self.writer.as_ref().unwrap_or(&self.link);
        let mut answers = link.send(key, Request::Several(&both)).await?.into_iter();
        let mut next = || {
            let answer = answers.next().unwrap_or(Value::Nil);
            answer.extract_error().map_err(Failure::sent)
        };
        let (answer, copies) = (next()?, next()?);
        match copies {
            Value::Int(copies) => Ok((answer, Some(copies))),
            _ => Ok((answer, Some(0))),
        }
    }

    /// What an operation says of an error.
    pub(crate) fn error(&self, operation: Operation, error: RedisError) -> StoreError {
        if self.together {
            store_error_of_one(operation, error)
        } else {
            store_error(operation, error)
        }
    }

    fn check_copies(
        &self,
        operation: Operation,
        code: i64,
        copies: Option<i64>,
    ) -> Result<(), StoreError> {
        match (self.replicas, copies) {
            (Some(wanted), Some(copies)) if code == DONE && copies < i64::from(wanted.count) => {
                let error = StoreError::new(StoreErrorKind::Unavailable, operation);
                let what = format!(
                    "written, but to {copies} replicas of {} so far",
                    wanted.count
                );
                Err(error.with_source(what))
            }
            _ => Ok(()),
        }
    }
}

/// Decides whether a request is sent again.
struct Again<'a> {
    shared: &'a Shared,
    operation: Operation,
    on_loss: OnLoss,
    loss: Option<StoreError>,
    demoted: bool,
}

impl<'a> Again<'a> {
    fn new(shared: &'a Shared, operation: Operation, on_loss: OnLoss) -> Self {
        Self {
            shared,
            operation,
            on_loss,
            loss: None,
            demoted: false,
        }
    }

    /// `Ok` if it is.
    fn or(&mut self, failure: Failure) -> Result<(), StoreError> {
        let is_lost = failure.is_lost();
        let error = failure.error;
        if is_demoted(&error) && !self.demoted {
            self.demoted = true;
        } else if is_lost && self.loss.is_none() && self.on_loss == OnLoss::Again {
            self.loss = Some(self.shared.error(self.operation, error));
        } else {
            return Err(self.shared.error(self.operation, error));
        }
        Ok(())
    }
}

fn read(answer: Value) -> Option<(i64, i64, vec::IntoIter<Value>)> {
    let mut parts = match answer {
        // Done, and nothing else to say.
        Value::Int(micros) => return Some((DONE, micros, Vec::new().into_iter())),
        Value::Array(parts) => parts.into_iter(),
        _ => return None,
    };
    match (parts.next(), parts.next()) {
        (Some(Value::Int(code)), Some(Value::Int(micros))) => Some((code, micros, parts)),
        _ => None,
    }
}

/// An answer of another kind than the command has.
pub(crate) fn not_understood(operation: Operation) -> StoreError {
    let error = (
        ErrorKind::UnexpectedReturnType,
        "the answer is not understood",
    );
    store_error(operation, error.into())
}

/// For `map_err`.
pub(crate) fn fault(operation: Operation) -> impl FnOnce(RedisError) -> StoreError {
    move |error| store_error(operation, error)
}
