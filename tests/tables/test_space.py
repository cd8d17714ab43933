from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from tillthen.define.faults.errors import ConfigurationError
from tillthen.tables.space import check_writable

Usage = namedtuple("Usage", "total used free")


def test_a_warehouse_that_does_not_exist_is_made_and_left_empty(tmp_path):
    check_writable(str(tmp_path / "new" / "wh"))
    assert list((tmp_path / "new" / "wh").iterdir()) == []


def test_a_folder_that_takes_no_files_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match="/file/wh cannot be written: Not a directory. Give another"):
        check_writable(str(tmp_path / "file" / "wh"))


def test_too_little_room_is_refused_with_what_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 5 * 2**20))
    check_writable(str(tmp_path), needed=5 * 2**20)
    with pytest.raises(ConfigurationError, match="expected 6 MiB free, got 5 MiB"):
        check_writable(str(tmp_path), needed=6 * 2**20)


def test_a_remote_warehouse_is_left_to_the_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_writable("s3a://bucket/wh")
    assert list(tmp_path.iterdir()) == []
