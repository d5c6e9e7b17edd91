"""Delivery: the only place that knows the inside of Faust and aiokafka."""
