"""What survivors restart from after a pruning, one file each; conf/pruning/rewind names them."""
