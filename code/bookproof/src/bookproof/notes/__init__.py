"""Read dated notes, and check the outputs that their author typed."""
