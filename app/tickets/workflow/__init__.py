"""The life of a ticket: its states, its table of steps, and the words of the office."""
