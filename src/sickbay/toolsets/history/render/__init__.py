"""Answers as pages, strips and pictures."""
