"""The built site as EPUB, PDF and a zip to read without a network."""
