"""The logs toolset: any CI log explained."""
