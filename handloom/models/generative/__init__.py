"""Networks that generate or reconstruct images."""
