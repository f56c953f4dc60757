"""Migrations, in order of their number. They import nothing from the service."""
