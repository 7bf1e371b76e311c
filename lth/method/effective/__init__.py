"""Maps from raw parameters to the weights that a network computes with, one file each; conf/pruning/effective."""
