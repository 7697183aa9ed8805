"""A double of GitHub: one repository, its issues, commits and owners."""
