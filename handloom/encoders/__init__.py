"""What turns an image into a vector: pixels, and pretrained networks of timm and torchvision."""

from handloom.encoders.encoder import Encoder
from handloom.encoders.opening import backbone, find, preprocessing, sizes, with_library
from handloom.encoders.weights import WeightsAbsent

__all__ = ["Encoder", "WeightsAbsent", "backbone", "find", "preprocessing", "sizes", "with_library"]
