"""What authors do: accept outputs, and build again at every change."""
