"""Calls on enterprises, their monthly tasks and reminders."""
