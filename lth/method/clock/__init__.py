"""When a method prunes: how a run is cut into segments, one file each; conf/pruning/clock names them."""
