"""What the front matter and the boxes of chapters say, and the lists that are made of it."""
