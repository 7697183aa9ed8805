"""Sections: the groups and steps of a CI log, with names, times and durations."""

from sickbay.logs.sections.model import Section
from sickbay.logs.sections.reader import SectionReader

__all__ = ["Section", "SectionReader"]
