"""Whether the product does by itself what it should: the timetable, seen from outside."""
