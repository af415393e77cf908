/// The longest way back.
const LONGEST: usize = 2048;

/// A way back that a request names itself, such as the query parameter `next` of a sign-in page, if it leads
/// into this site: a path, with its query if it has one. `None` for whatever a browser might take for another
/// site's (OWASP, Unvalidated Redirects), or longer than 2048 bytes.
///
/// ```
/// use session_http::safe_next;
///
/// assert_eq!(safe_next("/orders?page=2"), Some("/orders?page=2"));
/// assert_eq!(safe_next("https://evil.example/"), None);
/// assert_eq!(safe_next("//evil.example/"), None);
/// assert_eq!(safe_next("/\\evil.example/"), None);
/// ```
pub fn safe_next(next: &str) -> Option<&str> {
    // Browsers take a backslash for a slash, and leave tabs and line ends out.
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_safe = next.len() <= LONGEST
        && next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(is_plain);
    is_safe.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_ways_back() {
        for next in [
            "/",
            "/a",
            "/a/b?c=d&e=//f#g",
            "/%2F%2Fevil.example",
            "/a//b",
        ] {
            assert_eq!(safe_next(next), Some(next));
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        for next in [
            "",
            "a",
            "?a",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a\\b",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " /a",
            "/ä",
            "/\0",
            "http:/evil.example",
            "javascript:alert(1)",
            "data:,x",
            &long,
        ] {
            assert_eq!(safe_next(next), None, "{next:?}");
        }
    }
}
