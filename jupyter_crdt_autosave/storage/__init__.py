"""The store: a journal for each document, and which notebook each document belongs to."""
