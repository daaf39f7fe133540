"""Pure functions: networks and input to a result. Observers and verbs share them."""
