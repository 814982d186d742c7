"""What each role has to do now, and what the shell of every page says."""
