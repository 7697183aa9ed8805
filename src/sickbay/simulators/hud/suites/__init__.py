"""Small test suites that really fail; those in .txt are no Python of ours."""
