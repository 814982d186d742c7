"""What an enterprise does without an account."""
