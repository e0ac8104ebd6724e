"""Checks a published log and receipts with nothing of Agt's: RFC 6962, RFC 8032 and C2SP signed-note and tlog-tiles, from their texts.

usage: tlog_check.py DIRECTORY VKEY [RECEIPT...]      prints "ok SIZE ROOT"; exits with 1 and a reason otherwise
"""
import base64
import hashlib
import os
import struct
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def fail(why):
    print(why)
    sys.exit(1)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p = add(p, p)
        n >>= 1
    return q


def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        fail("a point is not reduced")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if (x * x - square) % P:
        fail("not a point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, text, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(r + key + text).digest(), "little") % L
    left, right = times(s, BASE), add(point(r), times(k, point(key)))
    return s < L and (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def checkpoint(raw, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    if hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_id:
        fail("the key is not the one it says it is")
    text, signatures = raw.rsplit(b"\n\n", 1)
    text += b"\n"
    for line in signatures.decode().splitlines():
        dash, who, value = line.split(" ")
        value = base64.b64decode(value)
        if dash == "\u2014" and who == name and value[:4].hex() == key_id:
            if not signed(key[1:], text, value[4:]):
                fail("the signature is bad")
            origin, size, root = text.decode().splitlines()[:3]
            if origin != name:
                fail("the checkpoint is of another log")
            return int(size), base64.b64decode(root)
    fail("the log did not sign")


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:split]), root_of(hashes[split:]))


def tile(directory, level, index, width):
    parts = []
    number = index
    while True:
        parts.insert(0, "%03d" % (number % 1000))
        number //= 1000
        if not number:
            break
    path = "/".join(["x" + part for part in parts[:-1]] + parts[-1:])
    path = os.path.join(directory, "tile", level, path + ("" if width == 256 else ".p/%d" % width))
    with open(path, "rb") as file:
        return file.read()


def proves(leaf, index, size, path, root):
    """Walks down from the root as RFC 6962, 2.1.1 builds the path, and back."""
    turns = []
    start, end = 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        turns.append(index < middle)
        start, end = (start, middle) if index < middle else (middle, end)
    if len(turns) != len(path):
        return False
    value = hashlib.sha256(b"\0" + leaf).digest()
    for left, sibling in zip(reversed(turns), path):
        value = node(value, sibling) if left else node(sibling, value)
    return value == root


def main():
    directory, vkey, receipts = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(os.path.join(directory, "checkpoint"), "rb") as file:
        size, root = checkpoint(file.read(), vkey)
    leaves = []
    for first in range(0, size, 256):
        width = min(256, size - first)
        raw = tile(directory, "entries", first // 256, width)
        for _ in range(width):
            (length,) = struct.unpack(">H", raw[:2])
            leaves.append(raw[2 : 2 + length])
            raw = raw[2 + length :]
        if raw:
            fail("a bundle is too long")
    hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if root_of(hashes) != root:
        fail("the root is another one")
    level = 0
    while hashes:
        for first in range(0, len(hashes), 256):
            part = hashes[first : first + 256]
            if tile(directory, str(level), first // 256, len(part)) != b"".join(part):
                fail("a tile is not what it should be")
        hashes = [root_of(hashes[first : first + 256]) for first in range(0, len(hashes) - 255, 256)]
        level += 1
    for receipt in receipts:
        with open(receipt, "rb") as file:
            head, note = file.read().split(b"\n\n", 1)
        lines = head.decode().splitlines()
        if lines[0] != "c2sp.org/tlog-proof@v1":
            fail("not a receipt")
        leaf = base64.b64decode(lines[1].removeprefix("extra "))
        at_size, at_root = checkpoint(note, vkey)
        if not proves(leaf, int(lines[2].removeprefix("index ")), at_size, [base64.b64decode(line) for line in lines[3:]], at_root):
            fail("a receipt proves nothing")
    print("ok %d %s" % (size, root.hex()))


main()
