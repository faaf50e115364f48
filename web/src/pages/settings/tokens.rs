//! What other programs need besides a personal token.

/// The configuration of an MCP client.
pub(super) fn snippet(origin: &str) -> String {
    format!(
        r#"{{
  "mcpServers": {{
    "tandem": {{
      "url": "{origin}/mcp",
      "headers": {{ "Authorization": "Bearer tnd_…" }}
    }}
  }}
}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn the_snippet_is_json_with_the_address_of_this_server() {
        let value: serde_json::Value = serde_json::from_str(&snippet("https://tandem.example.org")).unwrap();
        assert_eq!(value["mcpServers"]["tandem"]["url"], "https://tandem.example.org/mcp");
    }
}
