"""What leaders read, confirm and decide, and the figures that a month is reported in."""
