"""How good scores and decisions were: arrays in, plain numbers and lists out."""
