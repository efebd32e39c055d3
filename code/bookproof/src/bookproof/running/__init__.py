"""From cells to runs: kernels, what they read, and the runs that are kept."""
