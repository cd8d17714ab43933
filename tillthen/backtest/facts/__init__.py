"""The parts of facts.json and how they come together."""
