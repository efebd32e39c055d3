"""From a chapter's file to its cells, their blocks and what is wrong with them."""
