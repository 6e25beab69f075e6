"""Cases for OPES over SMTP: RFC 4902, and the milters that it is done with."""
