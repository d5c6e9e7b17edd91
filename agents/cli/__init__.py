"""The commands of `saring`, one file each."""
