"""What an author would overlook and no build tells."""
