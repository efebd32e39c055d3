"""From verdicts to what people and machines read."""
