"""Block and allow lists: formats in, an index, and the rules of a match."""
