"""What lets a kernel be forked between two cells: sent into those of which snapshots are taken."""

ASKED = "bookproof_snapshot"
"""The type of the message that asks for a snapshot; the answer's has `_reply` at its end."""
