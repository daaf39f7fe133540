"""All images of an index on a map: places, groups, and how it is drawn."""
