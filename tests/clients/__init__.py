"""Standard clients, unmodified, against a service that runs on a real port."""
