"""Files that belong to something."""
