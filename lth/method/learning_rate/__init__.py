"""How the learning rate changes from step to step, one file each; conf/learning_rate names them."""
