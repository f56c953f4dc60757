"""The command as a person runs it: processes, a real database, a real port."""
