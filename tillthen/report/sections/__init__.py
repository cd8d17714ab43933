"""The page's sections: each takes the context and gives its blocks, or says why it has none.

Their order on the page is that of ``SECTIONS`` in `tillthen.report.pages.render`.
"""
