"""Which files a set consists of, and what their folders and tables say of them."""
