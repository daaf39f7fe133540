"""Faster forms of plain torch operations; each is tested against the plain one."""
