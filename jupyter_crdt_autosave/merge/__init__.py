"""Decisions about notebooks and text: pure functions, without I/O, clock or Y types."""
