use std::sync::Arc;

use regex_lite::Regex;

/// The paths that have no session.
#[derive(Clone, Default, Debug)]
pub(super) struct Excluded(Option<Arc<[Regex]>>);

impl Excluded {
    pub(super) fn new<P: AsRef<str>>(
        patterns: impl IntoIterator<Item = P>,
    ) -> Result<Self, ExcludeError> {
        let compile = |pattern: P| {
            Regex::new(pattern.as_ref()).map_err(|source| ExcludeError {
                pattern: pattern.as_ref().to_owned(),
                source,
            })
        };
        let patterns = patterns.into_iter().map(compile);
        let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
        Ok(Self((!patterns.is_empty()).then(|| patterns.into())))
    }

    pub(super) fn covers(&self, path: &str) -> bool {
        match &self.0 {
            Some(patterns) => patterns.iter().any(|pattern| pattern.is_match(path)),
            None => false,
        }
    }
}

/// A pattern of excluded paths is no regular expression.
#[derive(Debug, thiserror::Error)]
#[error("the pattern {pattern:?} is not a regular expression")]
pub struct ExcludeError {
    pattern: String,
    source: regex_lite::Error,
}
