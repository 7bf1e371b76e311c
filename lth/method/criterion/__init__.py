"""Rules that rank parameters for pruning, one file each; conf/pruning/criterion names them."""
