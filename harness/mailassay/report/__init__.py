"""From checks to findings, and from findings to what people and machines read."""
