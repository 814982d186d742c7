"""What enterprises type without an account, and its shape."""
