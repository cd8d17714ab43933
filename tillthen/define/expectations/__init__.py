"""What tables must be like: expectations, and whether they fit what they are declared on."""
