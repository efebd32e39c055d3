"""Full-text search for Chinese, English and code."""
