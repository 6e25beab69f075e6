"""Cases for Secure Headers: RFC 7508 and draft-cailleux-secure-headers-05."""
