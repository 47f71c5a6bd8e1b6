"""Compiling characters while the server runs: jobs in processes of their own, one after the other."""
