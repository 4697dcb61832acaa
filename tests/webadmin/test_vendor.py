"""The assets of others are the pinned ones, and all of them are there."""

import hashlib

import pytest

from webadmin.vendor import ASSETS, VENDOR_FOLDER, Asset


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.package)
def test_a_vendored_file_is_the_pinned_one(asset: Asset) -> None:
    assert hashlib.sha256(asset.stored_at.read_bytes()).hexdigest() == asset.sha256


def test_nothing_is_vendored_that_is_not_pinned() -> None:
    assert {path.name for path in VENDOR_FOLDER.iterdir()} == {a.stored_at.name for a in ASSETS}
