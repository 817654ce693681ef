"""RFC 9162's tree against the reference implementation's vectors, and against a plain recursion."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhicheng.values import merkle

# The leaves and roots by which the implementations of RFC 6962 and RFC 9162 test themselves.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (index, size, path) and (first, second, path) of the same test set.
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


class Tree:
    """A tree in memory that keeps its complete subtrees, as the database does."""

    def __init__(self, leaves: list[bytes], batches: int = 1) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        step = max(1, -(-len(leaves) // batches))
        for start in range(0, len(leaves), step):
            self.add(leaves[start : start + step])

    def add(self, leaves: list[bytes]) -> None:
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        for level, index, found in merkle.complete_subtrees(self.read, self.size, hashes):
            assert (level, index) not in self.nodes
            self.nodes[level, index] = found
        self.size += len(leaves)

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def plain_root(leaves: list[bytes]) -> bytes:
    """MTH as section 2.1.1 writes it down."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_vectors(size: int) -> None:
    assert merkle.root(Tree(LEAVES[:size]).read, size).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_paths_are_those_of_the_reference_vectors(
    index: int, size: int, path: list[str]
) -> None:
    found = merkle.inclusion_path(Tree(LEAVES).read, index, size)
    assert [item.hex() for item in found] == path
    leaf = merkle.leaf_hash(LEAVES[index])
    merkle.verify_inclusion(leaf, index, size, found, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("first", "second", "path"), CONSISTENCY)
def test_consistency_paths_are_those_of_the_reference_vectors(
    first: int, second: int, path: list[str]
) -> None:
    found = merkle.consistency_path(Tree(LEAVES).read, first, second)
    assert [item.hex() for item in found] == path
    old, new = bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second])
    merkle.verify_consistency(first, second, found, old, new)


LISTS = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


@given(leaves=LISTS, batches=st.integers(1, 9), data=st.data())
@settings(deadline=None, max_examples=150)
def test_every_leaf_and_every_earlier_tree_is_proved(
    leaves: list[bytes], batches: int, data: st.DataObject
) -> None:
    tree = Tree(leaves, batches)
    size = len(leaves)
    found = merkle.root(tree.read, size)
    assert found == plain_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(tree.read, index, size)
    merkle.verify_inclusion(merkle.leaf_hash(leaves[index]), index, size, path, found)
    first = data.draw(st.integers(1, size))
    proof = merkle.consistency_path(tree.read, first, size)
    merkle.verify_consistency(first, size, proof, plain_root(leaves[:first]), found)


@given(leaves=st.lists(st.binary(max_size=4), min_size=2, max_size=40, unique=True), data=st.data())
@settings(deadline=None, max_examples=150)
def test_removed_changed_and_reordered_leaves_are_found(
    leaves: list[bytes], data: st.DataObject
) -> None:
    """The log grew from ``first`` leaves on; then somebody touched one of those."""
    first = data.draw(st.integers(1, len(leaves)))
    where = data.draw(st.integers(0, first - 1))
    forged = list(leaves)
    match data.draw(st.sampled_from(["removed", "changed", "reordered"])):
        case "removed":
            del forged[where]
            forged.append(b"instead")
        case "changed":
            forged[where] = b"another"
        case _:
            other = (where + 1) % len(leaves)
            forged[where], forged[other] = forged[other], forged[where]
            if other >= first and forged[:first] == leaves[:first]:
                return
    old, tree = plain_root(leaves[:first]), Tree(forged)
    new = merkle.root(tree.read, len(forged))
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(
            first, len(forged), merkle.consistency_path(tree.read, first, len(forged)), old, new
        )
    leaf = merkle.leaf_hash(leaves[where])
    if forged[where] != leaves[where]:
        path = merkle.inclusion_path(tree.read, where, len(forged))
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(leaf, where, len(forged), path, new)


@given(leaves=LISTS, data=st.data())
@settings(deadline=None, max_examples=100)
def test_a_proof_that_is_cut_longer_or_changed_does_not_hold(
    leaves: list[bytes], data: st.DataObject
) -> None:
    tree, size = Tree(leaves), len(leaves)
    found = merkle.root(tree.read, size)
    index = data.draw(st.integers(0, size - 1))
    leaf = merkle.leaf_hash(leaves[index])
    path = merkle.inclusion_path(tree.read, index, size)
    wrong = [[*path, b"\0" * 32]]
    if path:
        wrong += [path[:-1], [bytes(32), *path[1:]]]
    for each in wrong:
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(leaf, index, size, each, found)
    if size > 1:
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(leaf, size, size, path, found)


def test_a_forked_log_is_found() -> None:
    """Two trees of one size that share a beginning: each consistent with it, not with the other."""
    common = [bytes([number]) for number in range(11)]
    one, other = Tree([*common, b"a", b"b"]), Tree([*common, b"a", b"c"])
    roots = merkle.root(one.read, 13), merkle.root(other.read, 13)
    old = merkle.root(one.read, 11)
    for tree, found in zip((one, other), roots, strict=True):
        merkle.verify_consistency(11, 13, merkle.consistency_path(tree.read, 11, 13), old, found)
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(13, 13, [], *roots)
    grown = Tree([*common, b"a", b"c", b"d"])
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(
            13,
            14,
            merkle.consistency_path(grown.read, 13, 14),
            roots[0],
            merkle.root(grown.read, 14),
        )
