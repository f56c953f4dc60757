"""The API for people to read: a reference, and a page to try it on.

Decisions: the reference is drawn from the OpenAPI document, so that it cannot be wrong
where that is right, and needs no scripts; the page to try it on is Swagger UI 5.35.0
(Apache-2.0), kept here as its authors publish it, compressed, so that no request leaves
the service. Both are open to anyone, as the document is.
"""
