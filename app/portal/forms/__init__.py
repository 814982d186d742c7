"""What an enterprise fills in without an account."""
