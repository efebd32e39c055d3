"""What each page has and loads, and what the site tells machines."""
