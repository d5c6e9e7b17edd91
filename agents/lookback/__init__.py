"""Behind the retro role: what was seen is kept by registrable domain, and held against what the lists learn later."""
