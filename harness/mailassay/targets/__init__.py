"""Targets: implementations under test, how they are described, started and reached."""
