//! Bodies of requests that consist of a few fields. What writes a type would weigh ten times as much.

/// A JSON object of fields whose values are JSON already.
pub(crate) fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| [&quoted(name), ":", value].concat()).collect();
    ["{", &fields.join(","), "}"].concat()
}

/// A JSON array of values that are JSON already.
pub(crate) fn array(items: &[String]) -> String {
    ["[", &items.join(","), "]"].concat()
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A text as JSON, or null.
pub(crate) fn quoted_or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_protocol::rest::UserPatch;

    #[test]
    fn a_body_is_what_the_server_reads() {
        let push = object(&[("kinds", array(&[quoted("reply")])), ("quiet", quoted_or_null(None))]);
        let patch = object(&[("name", quoted("A \"b\" \\ é")), ("settings", object(&[("push", push)]))]);
        let patch: UserPatch = serde_json::from_str(&patch).expect("a patch");
        assert_eq!(patch.name.as_deref(), Some("A \"b\" \\ é"));
        let push = patch.settings.and_then(|settings| settings.push).expect("push settings");
        assert_eq!((push.kinds.map(|kinds| kinds.len()), push.quiet), (Some(1), Some(None)));
        assert_eq!(object(&[]), "{}");
    }
}
