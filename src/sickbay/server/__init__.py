"""The MCP server: toolsets found, wired, guarded and served."""
