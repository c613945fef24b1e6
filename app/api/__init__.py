"""The API: endpoints, parameters, pages, errors, and the OpenAPI document."""
