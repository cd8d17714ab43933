"""The facts' schema, read and checked, and what a page picks of them."""
