"""The assets of others are the pinned ones, and all of them are there."""

import hashlib
from pathlib import Path

import pytest

from tests.webadmin.axe import AXE, FOLDER
from webadmin.vendor import ASSETS, VENDOR_FOLDER, Asset

WHERE = [*((asset, VENDOR_FOLDER) for asset in ASSETS), (AXE, FOLDER)]


@pytest.mark.parametrize(("asset", "folder"), WHERE, ids=[asset.package for asset, _ in WHERE])
def test_a_vendored_file_is_the_pinned_one(asset: Asset, folder: Path) -> None:
    assert hashlib.sha256((folder / asset.name).read_bytes()).hexdigest() == asset.sha256


def test_nothing_is_vendored_that_is_not_pinned() -> None:
    assert {path.name for path in VENDOR_FOLDER.iterdir()} == {asset.name for asset in ASSETS}
