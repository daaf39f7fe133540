"""Files and the network: caches, digests, downloads, folders of data."""
