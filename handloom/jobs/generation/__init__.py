"""What autoencoder, vae and gan share."""
