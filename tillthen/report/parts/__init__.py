"""What pages are made of: blocks, cells, the top of the page, the explorer's steps."""
