"""What a message means: pure functions from bytes to links, findings and alerts. No clock, file, network or global."""
