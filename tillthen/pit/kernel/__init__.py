"""Arrays in, arrays out: the engine's arithmetic, without Spark, for one block of whole keys."""
