"""What image jobs share: their data, what an image is known by, encoders, what is shipped."""
