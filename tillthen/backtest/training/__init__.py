"""One model for use: trained, pinned, and trained again from its pins."""
