"""GitHub: issues, CODEOWNERS, commits and pull requests of one repository."""

from sickbay.clients.github.client import AsyncGitHubClient

__all__ = ["AsyncGitHubClient"]
