"""Requests to the small application, as bytes."""

PAGE = b"GET /page?a=1 HTTP/1.1\r\nHost: x\r\n\r\n"
CLOSING = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
SLOW = b"GET /slow?seconds=0.3 HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b'{"names":["Keytruda"]}'
ECHO = b"POST /echo HTTP/1.1\r\nHost: x\r\n"
POST = ECHO + b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nUpgrade: "
HIDDEN = b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n"
