"""HTTP around the application: caching, limits, headers, telemetry and the server."""
