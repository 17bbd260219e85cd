"""Bytes to values and back: pure functions, one folder a protocol."""
