"""Every item of a course is tried before learners meet it.

The rules, in the order in which they are tried:

* ``item-schema``: the file is a valid item.
* ``item-code``: the programs of a code item are Python (the autograder runs them).
* ``item-variants``: over many seeds the variant code neither fails nor hangs, every value is finite, exactly one option
  of a single choice is correct and no distractor equals it; the key earns all points; variants differ.
* ``item-numbers``: the numbers lie in the author's ``ranges``, and nothing about them is suspicious.
* ``item-recomputed``: the check code, which sees only the numbers on the page, finds the same answer for every seed.
* ``item-samples``: over the same seeds every sample answer gets its promised score; there is a right, a wrong and a
  malformed one, and a partly right one where there is partial credit; what is malformed is told how to mend it.
* ``item-review``: what is on trial or in use was reviewed, as often as the course asks, in its present version, by
  others than its author; a change after use had a new review; the status went only where it may.
* ``item-set``: a set has more than one item.

Besides findings there is the *spread* of an item's variants: :mod:`exam_bank.check.spread`.
"""

from exam_bank.check.trial import SEEDS, ItemTrial, check_item, check_items, try_item, try_items

__all__ = ["SEEDS", "ItemTrial", "check_item", "check_items", "try_item", "try_items"]
