"""From verdicts to the pages of a site and the notebooks beside them."""
