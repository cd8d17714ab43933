"""The page's figures: each takes facts and gives a drawing with its table."""
