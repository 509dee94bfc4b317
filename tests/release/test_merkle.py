import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release import merkle

# The entries and tree hashes with which Certificate Transparency's reference implementation tests RFC 6962.
ENTRIES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]  # fmt: skip # noqa: E501
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]

entries = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def oracle(data):
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in data:
        tree.append_entry(entry)
    return tree


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.root([]) == hashlib.sha256().digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_tree_hashes(size):
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_proofs_that_rfc_6962_lists_for_seven_leaves():
    # RFC 6962, 2.1.3: leaves a b c d e f j; g = ab, h = cd, i = ef, k = gh, l = ij, root = kl
    a, b, c, d, e, f, j = leaves = LEAVES[:7]
    g, h, i = merkle.node_hash(a, b), merkle.node_hash(c, d), merkle.node_hash(e, f)
    k, el = merkle.node_hash(g, h), merkle.node_hash(i, j)
    assert merkle.inclusion_proof(leaves, 0) == (b, h, el)
    assert merkle.inclusion_proof(leaves, 3) == (c, g, el)
    assert merkle.inclusion_proof(leaves, 4) == (f, j, k)
    assert merkle.inclusion_proof(leaves, 6) == (i, k)
    assert merkle.consistency_proof(leaves, 3) == (c, d, g, el)
    assert merkle.consistency_proof(leaves, 4) == (el,)
    assert merkle.consistency_proof(leaves, 6) == (i, j, k)


@given(entries)
def test_the_tree_hash_is_that_of_pymerkle(data):
    assert merkle.root(map(merkle.leaf_hash, data)) == oracle(data).get_root()


@given(entries, st.data())
def test_inclusion_proofs_hold_for_the_leaf_they_are_of_and_no_other(data, draw):
    leaves = [merkle.leaf_hash(entry) for entry in data]
    index = draw.draw(st.integers(0, len(leaves) - 1))
    proof, root = merkle.inclusion_proof(leaves, index), merkle.root(leaves)
    assert merkle.verify_inclusion(leaves[index], index, len(leaves), proof, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"another entry"), index, len(leaves), proof, root)
    assert not merkle.verify_inclusion(leaves[index], index, len(leaves), (*proof, root), root)
    for other in range(len(leaves) + 2):
        if leaves[other : other + 1] != [leaves[index]]:
            assert not merkle.verify_inclusion(leaves[index], other, len(leaves), proof, root)


@given(entries, st.data())
def test_inclusion_proofs_are_those_of_pymerkle(data, draw):
    leaves = [merkle.leaf_hash(entry) for entry in data]
    index = draw.draw(st.integers(0, len(leaves) - 1))
    theirs = oracle(data).prove_inclusion(index + 1)
    assert list(merkle.inclusion_proof(leaves, index)) == theirs.path[1:]  # theirs starts with the leaf itself


@given(entries, st.data())
def test_consistency_proofs_hold_for_the_two_trees_they_are_of_and_no_other(data, draw):
    leaves = [merkle.leaf_hash(entry) for entry in data]
    first = draw.draw(st.integers(1, len(leaves)))
    proof = merkle.consistency_proof(leaves, first)
    old, new = merkle.root(leaves[:first]), merkle.root(leaves)
    assert merkle.verify_consistency(first, len(leaves), old, new, proof)
    assert not merkle.verify_consistency(first, len(leaves), merkle.leaf_hash(b"x"), new, proof)
    assert not merkle.verify_consistency(first, len(leaves), old, merkle.leaf_hash(b"x"), proof)
    assert not merkle.verify_consistency(first, len(leaves), old, new, (*proof, old))


@given(entries, st.integers(0, 39), st.binary(max_size=8))
def test_a_changed_history_has_no_consistency_proof(data, where, entry):
    first = len(data)
    changed = [*data, b"more"]
    where %= first
    if changed[where] == entry:
        return
    changed[where] = entry
    leaves = [merkle.leaf_hash(each) for each in changed]
    proof = merkle.consistency_proof(leaves, first)
    old = merkle.root(map(merkle.leaf_hash, data))
    assert not merkle.verify_consistency(first, len(leaves), old, merkle.root(leaves), proof)


def test_a_proof_of_nothing_is_refused():
    with pytest.raises(IndexError):
        merkle.inclusion_proof([], 0)
    with pytest.raises(IndexError):
        merkle.inclusion_proof(LEAVES, -1)
    with pytest.raises(IndexError):
        merkle.consistency_proof(LEAVES, 0)
    assert not merkle.verify_consistency(0, 3, merkle.EMPTY_ROOT, merkle.root(LEAVES[:3]), ())
    assert not merkle.verify_inclusion(LEAVES[0], 0, 0, (), merkle.EMPTY_ROOT)
