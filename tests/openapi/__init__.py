"""The OpenAPI document as its readers depend on it."""
