"""CODEOWNERS of the simulated repository, in the image of a large one."""

from importlib import resources

CODEOWNERS = (resources.files(__package__) / "CODEOWNERS").read_text("utf-8")
