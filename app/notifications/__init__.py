"""The outbox: what must be told, and how it leaves the house."""
