"""Credentials beyond their text: two forms of proof, issuers' names, status lists, badges, and issuing in bulk."""
