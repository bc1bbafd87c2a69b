"""How GraphQL documents run: over HTTP and WebSocket, within limits, errors told apart. Knows no concept."""
