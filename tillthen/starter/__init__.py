"""A project of one's own: from templates, and with sources proposed from a table that exists."""
