"""The enterprise's side: telling, following, and having the last word, without an account."""
