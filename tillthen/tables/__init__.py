"""Delta storage: what a build writes, and from which versions."""
