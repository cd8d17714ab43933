"""Gates: what tables must be like before they are read or written, and the rows that are set aside."""
