//! Finds the session's token in a request. Allocates nothing, and takes any bytes.

use http::{
    HeaderMap,
    header::{COOKIE, SET_COOKIE},
};

/// The token in the cookies of this name.
///
/// Names are compared byte for byte, nothing is decoded. Several equal cookies count as one.
/// Among different ones, those that cannot be a token are passed over; if more than one is left,
/// someone has planted a cookie, and since no order of cookies says which is the visitor's own
/// (RFC 6265bis §5.7.3), there is no token at all: the visitor is anonymous, in every order.
pub(crate) fn token<'r>(
    headers: &'r HeaderMap,
    name: &str,
    well_formed: impl Fn(&[u8]) -> bool,
) -> Option<&'r [u8]> {
    let mut found: Option<&[u8]> = None;
    for header in headers.get_all(COOKIE) {
        let mut rest = header.as_bytes();
        while !rest.is_empty() {
            let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
            let (pair, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            let Some(value) = value_of(pair.trim_ascii(), name) else {
                continue;
            };
            match found {
                None => found = Some(value),
                Some(first) if first == value => {}
                Some(first) if !well_formed(first) => found = Some(value),
                Some(_) if !well_formed(value) => {}
                Some(_) => {
                    tracing::debug!(
                        cookie = name,
                        "several different session cookies: anonymous"
                    );
                    return None;
                }
            }
        }
    }
    found
}

/// Whether these headers of a response set a cookie of this name.
pub(crate) fn is_set(response: &HeaderMap, name: &str) -> bool {
    let mut set = response.get_all(SET_COOKIE).iter();
    set.any(|header| value_of(header.as_bytes(), name).is_some())
}

fn value_of<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(headers: &[&[u8]]) -> Option<Vec<u8>> {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(COOKIE, HeaderValue::from_bytes(header).unwrap());
        }
        token(&map, "id", |value| value.len() == 3).map(<[u8]>::to_vec)
    }

    #[test]
    fn it_is_found_among_any_neighbours() {
        for header in [
            &b"id=abc"[..],
            b"id=abc; a=b",
            b"a=b;id=abc",
            b"a=b;  id=abc ;",
            b"\xff\xfe=\xff; id=abc",
            b"xid=xyz; id=abc; ids=xyz; ID=xyz",
            b"=; ;;;a; id=abc",
        ] {
            assert_eq!(read(&[header]).as_deref(), Some(&b"abc"[..]), "{header:?}");
        }
        assert_eq!(read(&[b"a=b", b"id=abc"]).as_deref(), Some(&b"abc"[..]));
    }

    #[test]
    fn a_similar_name_is_another_cookie() {
        for header in [
            &b"xid=abc"[..],
            b"ids=abc",
            b"id",
            b"ID=abc",
            b"%69d=abc",
            b"i d=abc",
        ] {
            assert_eq!(read(&[header]), None, "{header:?}");
        }
    }

    #[test]
    fn two_different_tokens_are_none_in_every_order() {
        assert_eq!(read(&[b"id=abc; id=xyz"]), None);
        assert_eq!(read(&[b"id=xyz; id=abc"]), None);
        assert_eq!(read(&[b"id=abc", b"id=xyz"]), None);
        assert_eq!(read(&[b"id=abc; id=bad!; id=xyz"]), None);
    }

    #[test]
    fn what_cannot_be_a_token_does_not_hide_one() {
        let abc = Some(&b"abc"[..]);
        assert_eq!(read(&[b"id=abc; id=abc"]).as_deref(), abc);
        assert_eq!(read(&[b"id=; id=abc"]).as_deref(), abc);
        assert_eq!(read(&[b"id=abc; id=garbage"]).as_deref(), abc);
        assert_eq!(read(&[b"id=garbage", b"id=abc"]).as_deref(), abc);
    }

    #[test]
    fn a_cookie_that_a_response_sets_is_found_by_its_whole_name() {
        let mut response = HeaderMap::new();
        assert!(!is_set(&response, "id"));
        for other in ["id2=a", "xid=a", "theme=id"] {
            response.append(SET_COOKIE, HeaderValue::from_static(other));
        }
        assert!(!is_set(&response, "id"));
        response.append(SET_COOKIE, HeaderValue::from_static("id=a; Path=/"));
        assert!(is_set(&response, "id"));
    }
}
