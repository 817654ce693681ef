"""A Merkle tree as RFC 9162 (Certificate Transparency 2.0) defines it, section 2.1, with SHA-256.

Pure: whoever keeps a tree hands in a function that reads the hashes of its complete subtrees, and
whoever doubts it checks proofs by the two ``verify`` functions, with no tree at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

# Gives the hash of a complete subtree: of 2**level leaves, the index-th of that size.
Read = Callable[[int, int], bytes]
EMPTY = sha256(b"").digest()
HASH_BYTES = 32


class ProofError(ValueError):
    """A proof doesn't hold."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below ``size`` (> 1)."""
    return 1 << (size - 1).bit_length() - 1


def range_hash(read: Read, start: int, end: int) -> bytes:
    """MTH of the leaves ``start`` to ``end`` (excluded), which a proof or a root needs."""
    size = end - start
    if size & (size - 1) == 0 and start % size == 0:
        level = size.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(size)
    return node_hash(range_hash(read, start, middle), range_hash(read, middle, end))


def root(read: Read, size: int) -> bytes:
    """The root of the tree of the first ``size`` leaves."""
    return range_hash(read, 0, size) if size else EMPTY


def inclusion_path(read: Read, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of section 2.1.3.1: from the leaf's sibling up to the root's child.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")

    def path(start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*path(start, middle), range_hash(read, middle, end)]
        return [*path(middle, end), range_hash(read, start, middle)]

    return path(0, size)


def consistency_path(read: Read, first: int, second: int) -> list[bytes]:
    """PROOF(first, D[second]) of section 2.1.4.1: that the larger tree begins with the smaller.

    Raises ValueError unless 0 < first <= second.
    """
    if not 0 < first <= second:
        raise ValueError(f"no proof between trees of {first} and {second}")

    def proof(size: int, start: int, end: int, whole: bool) -> list[bytes]:
        if size == end - start:
            return [] if whole else [range_hash(read, start, end)]
        middle = start + _split(end - start)
        if size <= middle - start:
            return [*proof(size, start, middle, whole), range_hash(read, middle, end)]
        rest = size - (middle - start)
        return [*proof(rest, middle, end, False), range_hash(read, start, middle)]

    return proof(first, 0, second, True)


def _climb(number: int, last: int, path: Sequence[bytes]) -> Iterator[tuple[bool, bytes]]:
    """The siblings from a node up to the root; true where the sibling stands left of the way.

    ``number`` and ``last`` are the node's place on its level and the last place there (fn and sn of
    the RFC's algorithms). Raises ProofError when the path is too long or too short.
    """
    for sibling in path:
        if last == 0:
            raise ProofError("证明过长")
        left = bool(number & 1) or number == last
        yield left, sibling
        if left:
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        number, last = number >> 1, last >> 1
    if last:
        raise ProofError("证明不完整")


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root_hash: bytes
) -> None:
    """Section 2.1.3.2: that the leaf with this hash is the ``index``-th of the tree.

    Raises ProofError when it isn't, or the proof is of another shape.
    """
    if not 0 <= index < size:
        raise ProofError("序号不在日志范围内")
    found = leaf
    for left, sibling in _climb(index, size - 1, path):
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    if found != root_hash:
        raise ProofError("证明与日志的根不符")


def verify_consistency(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Section 2.1.4.2: that the tree of ``second`` leaves begins with that of ``first``.

    Raises ProofError when it doesn't: something was removed, changed, moved, or the log forked.
    """
    if not 0 <= first <= second:
        raise ProofError("新的日志比旧的短")
    if first in (0, second):
        if path or first_root != (second_root if first == second else EMPTY):
            raise ProofError("同样大小的日志有两个不同的根")
        return
    proof = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not proof:
        raise ProofError("证明不完整")
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = proof[0]
    for left, sibling in _climb(number, last, proof[1:]):
        if left:
            old = node_hash(sibling, old)
        new = node_hash(sibling, new) if left else node_hash(new, sibling)
    if old != first_root:
        raise ProofError("旧日志的内容被改动")
    if new != second_root:
        raise ProofError("证明与新日志的根不符")


def complete_subtrees(
    read: Read, size: int, leaves: Iterable[bytes]
) -> Iterator[tuple[int, int, bytes]]:
    """What a tree of ``size`` leaves keeps more when these leaf hashes are added.

    Gives (level, index, hash) of every subtree that becomes complete, the leaves among them, each
    after those that it is made of.
    """
    fresh: dict[tuple[int, int], bytes] = {}
    for leaf in leaves:
        level, index, found = 0, size, leaf
        fresh[0, index] = found
        yield 0, index, found
        while index & 1:
            left = fresh.pop((level, index - 1), None)
            fresh.pop((level, index), None)
            found = node_hash(left if left is not None else read(level, index - 1), found)
            level, index = level + 1, index >> 1
            fresh[level, index] = found
            yield level, index, found
        size += 1
