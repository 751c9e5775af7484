"""The cache of built networks: found again, never trusted when damaged, never in the way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from satqn.errors import SatqnWarning
from satqn.model.network import Network, NodeTable
from satqn.network import cache
from satqn.network.cache import cached_network, network_key, read_network
from satqn.network.ground import fibre_network, split_long_links

RULE = (3, "halve")


@pytest.fixture
def nodes() -> NodeTable:
    place = np.random.default_rng(0).normal((38, -95), (4, 8), (60, 2))
    ids = np.array([f"city {i}" for i in range(60)])
    return NodeTable(ids, place[:, 0], place[:, 1], np.arange(60.0), np.zeros(60, dtype=bool))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "networks"


class Builder:
    def __init__(self, nodes: NodeTable) -> None:
        self.nodes, self.calls = nodes, 0

    def __call__(self) -> Network:
        self.calls += 1
        return split_long_links(fibre_network(self.nodes), "halve")


def same(one: Network, other: Network) -> bool:
    tables = [(one, other), (one.nodes, other.nodes), (one.links, other.links)]
    return all(
        np.array_equal(getattr(a, field.name), getattr(b, field.name))
        and getattr(a, field.name).dtype == getattr(b, field.name).dtype
        for a, b in tables
        for field in dataclasses.fields(a)
        if isinstance(getattr(a, field.name), np.ndarray)
    )


def test_a_network_is_built_once_and_read_again(nodes, folder):
    build = Builder(nodes)
    built, read = cached_network(nodes, RULE, build), cached_network(nodes, RULE, build)
    assert build.calls == 1
    assert built.nodes.inserted.any()
    assert same(built, read)
    assert not any(
        column.flags.writeable for column in (read.indptr, read.weights, read.nodes.lat_deg, read.links.a)
    )


def test_another_node_rule_or_number_is_another_network(nodes):
    moved = dataclasses.replace(nodes, lat_deg=nodes.lat_deg + 1e-12)
    renamed = dataclasses.replace(nodes, ids=np.char.add(nodes.ids, "x"))
    keys = {network_key(table, RULE) for table in (nodes, moved, renamed)}
    keys |= {network_key(nodes, (3, "eight_pieces")), network_key(nodes, (4, "halve"))}
    assert len(keys) == 5
    assert network_key(dataclasses.replace(nodes), RULE) in keys


@pytest.mark.parametrize("damage", ["cut", "emptied", "flipped", "text", "other"])
def test_a_damaged_file_is_built_anew_and_replaced(nodes, folder, damage):
    build = Builder(nodes)
    built = cached_network(nodes, RULE, build)
    (file,) = folder.iterdir()
    content = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "emptied":
        file.write_bytes(b"")
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    elif damage == "text":
        file.write_text("not a network")
    else:
        with file.open("wb") as place:
            np.savez(place, ids=np.arange(3))
    with pytest.warns(SatqnWarning, match="was damaged"):
        again = cached_network(nodes, RULE, build)
    assert build.calls == 2
    assert same(again, built)
    assert same(read_network(file), built)


def test_a_cache_that_cannot_be_written_never_fails_the_run(nodes, tmp_path, monkeypatch):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("a file where the cache should be")
    monkeypatch.setenv("SATQN_CACHE_DIR", str(in_the_way))
    build = Builder(nodes)
    assert same(cached_network(nodes, RULE, build), cached_network(nodes, RULE, build))
    assert build.calls == 2


def test_old_networks_are_forgotten(nodes, folder):
    build = Builder(nodes)
    for k in range(cache.KEPT + 3):
        cached_network(nodes, (k, "halve"), build)
    assert len(list(folder.iterdir())) == cache.KEPT


def test_the_system_chooses_the_folder_if_nobody_does(monkeypatch):
    monkeypatch.delenv("SATQN_CACHE_DIR")
    assert cache.cache_folder().name == "satqn"
