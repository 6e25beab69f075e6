"""Mailassay: a conformance test suite for secure-mail mechanisms."""

__version__ = "0.1.0"
