"""THA4 students: one small pair of networks per character, distilled by others from THA4."""
