"""The server's addresses: API, websocket, WHEP, picture feed and pages."""
