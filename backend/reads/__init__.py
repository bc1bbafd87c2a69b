"""What screens and clients page through: keyset pages, counts; rows, not instances; rights inside the query."""
