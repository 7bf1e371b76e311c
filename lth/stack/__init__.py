"""Seeds trained side by side: how their weights lie in memory and how one epoch of all of them is computed."""
