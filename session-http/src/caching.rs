//! Keeps shared caches from serving one visitor's response to another.

use http::{
    HeaderMap, HeaderValue,
    header::{CACHE_CONTROL, Entry, VARY},
};

/// Adds `Vary: Cookie` unless the response varies by it, or by everything, already.
pub(crate) fn vary_by_cookie(headers: &mut HeaderMap) {
    let cookie = HeaderValue::from_static("Cookie");
    match headers.entry(VARY) {
        Entry::Vacant(there) => {
            there.insert(cookie);
        }
        Entry::Occupied(mut there) => {
            let covers = |name: &[u8]| name == b"*" || name.eq_ignore_ascii_case(b"cookie");
            if !there.iter().any(|value| has_member(value, covers)) {
                there.append(cookie);
            }
        }
    }
}

/// Sets `Cache-Control: no-store` unless the application has said so itself. Anything weaker
/// would let a cache keep the token, so it is replaced.
pub(crate) fn no_store(headers: &mut HeaderMap) {
    let no_store = HeaderValue::from_static("no-store");
    match headers.entry(CACHE_CONTROL) {
        Entry::Vacant(there) => {
            there.insert(no_store);
        }
        Entry::Occupied(mut there) => {
            let is_it = |name: &[u8]| name.eq_ignore_ascii_case(b"no-store");
            if !there.iter().any(|value| has_member(value, is_it)) {
                there.insert(no_store);
            }
        }
    }
}

/// Whether one member of the list is it.
fn has_member(list: &HeaderValue, is_it: impl Fn(&[u8]) -> bool) -> bool {
    let mut members = list.as_bytes().split(|byte| *byte == b',');
    members.any(|member| is_it(member.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    fn all(headers: &HeaderMap) -> Vec<&str> {
        headers
            .values()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    #[test]
    fn vary_is_added_once_beside_what_is_there() {
        let mut headers = with(VARY, "Accept");
        vary_by_cookie(&mut headers);
        vary_by_cookie(&mut headers);
        assert_eq!(all(&headers), ["Accept", "Cookie"]);
        for enough in ["*", "Accept, cookie", "COOKIE"] {
            let mut headers = with(VARY, enough);
            vary_by_cookie(&mut headers);
            assert_eq!(all(&headers), [enough]);
        }
    }

    #[test]
    fn only_a_weaker_cache_directive_is_replaced() {
        for weaker in ["private, max-age=60", "no-cache", "public"] {
            let mut headers = with(CACHE_CONTROL, weaker);
            no_store(&mut headers);
            assert_eq!(all(&headers), ["no-store"]);
        }
        for enough in ["private, no-store", "No-Store"] {
            let mut headers = with(CACHE_CONTROL, enough);
            no_store(&mut headers);
            assert_eq!(all(&headers), [enough]);
        }
    }
}
