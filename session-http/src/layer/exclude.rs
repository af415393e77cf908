use std::sync::Arc;

use regex_lite::Regex;

/// The paths that have no session.
#[derive(Clone, Default, Debug)]
pub(super) struct Excluded(Option<Arc<[Regex]>>);

impl Excluded {
    /// These too.
    pub(super) fn and<P: AsRef<str>>(
        &self,
        patterns: impl IntoIterator<Item = P>,
    ) -> Result<Self, ExcludeError> {
        let compile = |pattern: P| {
            Regex::new(pattern.as_ref()).map_err(|source| ExcludeError {
                pattern: pattern.as_ref().to_owned(),
                source,
            })
        };
        let before = self.0.iter().flat_map(|patterns| patterns.iter());
        let before = before.map(|pattern| Ok(pattern.clone()));
        let all = before.chain(patterns.into_iter().map(compile));
        let all = all.collect::<Result<Vec<_>, _>>()?;
        Ok(Self((!all.is_empty()).then(|| all.into())))
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
