"""The private network around a target: namespace, names, certificates, DNS, MTA-STS."""
