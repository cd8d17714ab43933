"""What a user meets where a declaration is wrong: errors, faults collected, secrets hidden in both."""
