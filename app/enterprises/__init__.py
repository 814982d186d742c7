"""Companies, key projects, contacts, and who looks after them."""
