"""What a method does around every optimisation step, one file each; conf/pruning/step names them."""
