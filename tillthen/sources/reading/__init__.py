"""A table's columns as the declarations read them: types, times, texts, keys."""
