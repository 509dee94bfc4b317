"""Blueprints and banks become forms: assembled, checked again by somebody else, and made into notebooks and paper."""
