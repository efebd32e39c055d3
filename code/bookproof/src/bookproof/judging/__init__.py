"""From runs and blocks to verdicts."""
