"""One live notebook: its document, its journal, its file, and what joins them."""
