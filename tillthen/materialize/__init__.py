"""The build: sources in, feature tables out."""
