"""The parts of a ticket's picture: neuron by neuron, or in groups; its title and its legend."""
