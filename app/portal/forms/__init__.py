"""What is typed on the enterprise's side. Each form stands in the module of its page."""
