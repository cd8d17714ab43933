"""Drawing: axes, marks, lines and names as SVG."""
