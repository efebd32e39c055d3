"""What is sent into a kernel: it needs nothing of bookproof."""
