"""The demo: an embedded broker, a sample feed and the real roles, in one terminal."""
