"""Gates, and the challenger that takes the champion's place."""
