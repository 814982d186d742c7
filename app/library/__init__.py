"""What an answer can be made of: policies that it cites, and sentences that are kept."""
