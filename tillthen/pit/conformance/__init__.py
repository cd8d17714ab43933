"""Neutral point-in-time cases, translated to declarations and frames, answered by the engine, compared."""
