"""The closed loop: one problem from the visit to the enterprise that says solved."""
