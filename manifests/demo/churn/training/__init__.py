"""How the model is made. Nothing of this is deployed."""
