"""The official conformance suite against our server, over HTTP in both eras."""
