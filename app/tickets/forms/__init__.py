"""What people type about tickets and the catalogue."""
