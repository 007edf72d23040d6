"""A question -> hits -> scored quotes -> an answer or an abstention; every quote verified."""
