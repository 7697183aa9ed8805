"""Shapes of answers: sizes and pages, whatever they are about."""
