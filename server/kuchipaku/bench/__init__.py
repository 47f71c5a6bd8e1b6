"""Measuring what a character costs on this machine."""
