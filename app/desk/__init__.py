"""Where people begin: the worklist of each role and personal preferences."""
