"""Penalties on weights that are added to a seed's loss, one file each; conf/penalty names them."""
