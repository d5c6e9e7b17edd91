"""Free host names that can point anywhere."""

FLAGGED = ["https://rumah.dyn.example/", "http://kamera7.dyn.example:8080/x", "https://a.b.dyn.example"]
CLEAN = ["https://dyn.example/", "https://dynamic.example/", "https://mydyn.example/"]
