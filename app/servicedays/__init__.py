"""Service days: announced, booked, held, and followed until every problem is closed."""
