"""Drawings in the colours of a dark page."""
