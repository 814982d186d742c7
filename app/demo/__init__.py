"""The invented township: its data, its year, and its clock."""
