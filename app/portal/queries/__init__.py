"""Reading what an enterprise is shown without an account."""
