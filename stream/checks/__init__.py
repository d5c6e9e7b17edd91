"""The checks, one file each: `host/` runs once per host and is cached, `link/` runs once per link."""
