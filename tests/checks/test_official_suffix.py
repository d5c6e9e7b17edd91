"""Suffixes that only institutions get; `gov-my.example` stands for `gov.my`. The finding speaks for the link."""

FLAGGED = ["https://portal.jabatan.gov-my.example/", "https://sekolah.edu-my.example/", "https://kolej.ac-id.example/x"]
CLEAN = ["https://gov-my-portal.example/", "https://jabatan-gov.example/", "https://edu.kedai.example/"]
