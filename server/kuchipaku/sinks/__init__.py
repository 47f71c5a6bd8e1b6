"""Where frames and sound go: browsers over WebRTC, HTTP feeds, files."""
