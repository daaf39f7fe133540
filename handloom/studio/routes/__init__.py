"""What can be asked of a studio, a module for each of its pages."""
