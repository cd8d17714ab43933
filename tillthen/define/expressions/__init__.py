"""Row expressions: parsed and judged without Spark."""
