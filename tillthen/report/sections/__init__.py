"""The page's sections: each takes the context and gives its blocks, or says why it has none."""
