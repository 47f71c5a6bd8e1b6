"""THA3 teacher, character compiler and compiled morpher. Imports nothing of the server."""
