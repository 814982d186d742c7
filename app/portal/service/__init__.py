"""What the enterprise's side does. Each verb stands in the module of its page."""
