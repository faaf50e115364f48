//! The MCP door: the assistant's tools for other programs.
