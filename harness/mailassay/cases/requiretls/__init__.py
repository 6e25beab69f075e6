"""Cases for REQUIRETLS: RFC 8689 and draft-ietf-uta-smtp-require-tls-03."""
