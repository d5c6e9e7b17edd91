"""The shell round the line: Kafka, feeds, metrics and the command line."""
