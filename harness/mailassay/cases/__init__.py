"""All cases, a module a group; importing this package registers none (see `registry`)."""
