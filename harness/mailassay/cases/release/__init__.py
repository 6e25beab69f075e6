"""Cases for Draft and Release: RFC 7912, and the border to X.400 that it speaks of."""
