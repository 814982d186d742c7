"""Reading what the enterprise's side needs, as far as it may be shown there."""
