"""What holds where nobody says otherwise, and what there is to choose from."""

TIMEOUT = 20.0
"""Seconds that a statement may take."""

FOLDER = "notes"
"""Where in a book the chapters of notes stand."""

HEADING, FILE, NONE = SPLITS = ("heading", "file", "none")
"""A chapter for each section of a day; one for a note, of a day; one for a note, of no day."""
