"""The least that FastMCP can serve: one tool over stdin and stdout."""

from fastmcp import FastMCP

mcp: FastMCP = FastMCP("bare")


@mcp.tool
def look(bed: str) -> str:
    """Look at one bed."""
    return bed


mcp.run(show_banner=False)
