"""Files of folders and zips: no larger than they may be, and whole."""

import io
import os
import struct
import zipfile

import pytest
from tests.fixtures.data_files import zipped

from whydrop.core.errors import DataError, UsageError
from whydrop.training.readers.files import FolderFiles, opened

FILES = {"a/x.txt": b"one", "a/b/y.txt": b"two", "z.txt": b"three"}


def folder(root):
    for name, raw in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(raw)
    return root


@pytest.mark.parametrize("make", [folder, lambda root: zipped(root / "f.zip", FILES)])
def test_a_folder_and_a_zip_hold_the_same(make, tmp_path):
    with opened(make(tmp_path)) as files:
        assert files.names == ("a/b/y.txt", "a/x.txt", "z.txt")
        assert files.folders == {"a", "a/b"}
        assert {name: files.read(name, 5) for name in files.names} == FILES
        with pytest.raises(DataError, match="5 bytes or more") as caught:
            files.read("z.txt", 4)
        assert "at most 4 " in caught.value.do
        assert "z.txt" in caught.value.where


def test_links_to_folders_are_followed_but_not_round_and_round(tmp_path):
    folder(tmp_path / "real")
    home = tmp_path / "home"
    home.mkdir()
    (home / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "a" / "back").symlink_to(home)
    (home / "nowhere.txt").symlink_to(tmp_path / "gone")
    with opened(home) as files:
        assert files.names == ("link/a/b/y.txt", "link/a/x.txt", "link/z.txt", "nowhere.txt")
        assert files.read("link/z.txt", 5) == b"three"
        assert files.stamp() == files.stamp()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_to_pack_are_refused(method, tmp_path):
    with zipfile.ZipFile(tmp_path / "f.zip", "w", method) as file:
        file.writestr("a.txt", b"text")
    with opened(tmp_path / "f.zip") as files, pytest.raises(DataError, match=f"method {method}"):
        files.read("a.txt", 100)


def test_a_listed_file_that_is_not_there_is_a_wrong_request(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        FolderFiles(tmp_path, [tmp_path / "x"])


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with opened(tmp_path) as files, pytest.raises(UsageError, match="no such file"):
        files.read("pipe.jpg", 10)


def test_a_file_that_went_away_meanwhile_is_named(tmp_path):
    file = folder(tmp_path) / "z.txt"
    with opened(tmp_path) as files:
        file.unlink()
        file.symlink_to(tmp_path / "gone")
        with pytest.raises(UsageError, match="no such file"):
            files.read("z.txt", 10)


def test_a_file_that_unpacks_to_far_more_than_it_takes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("whydrop.training.readers.files.RATIO_FROM_BYTES", 1 << 20)
    path = zipped(tmp_path / "bomb.zip", {"zeros": bytes(2 << 20), "small": bytes(1000)})
    with opened(path) as files:
        assert files.read("small", 1 << 30) == bytes(1000)
        with pytest.raises(DataError, match="unpack to 2,097,152") as caught:
            files.read("zeros", 1 << 30)
    assert "200 to 1" in caught.value.do


def test_a_size_stated_too_small_does_not_unpack_the_rest(tmp_path):
    path = zipped(tmp_path / "lie.zip", {"zeros": bytes(1 << 20)})
    raw = path.read_bytes().replace(struct.pack("<I", 1 << 20), struct.pack("<I", 10))
    path.write_bytes(raw)
    with opened(path) as files, pytest.raises(DataError, match="damaged") as caught:
        files.read("zeros", 100)
    assert "byte 0 (zeros)" in caught.value.where


def test_every_flipped_byte_of_a_zip_is_an_error_or_does_not_matter(tmp_path):
    path = zipped(tmp_path / "f.zip", {"a.txt": b"some text that compresses, some text"})
    whole = path.read_bytes()
    for i in range(len(whole)):
        for mask in (0x01, 0x80, 0xFF):
            raw = bytearray(whole)
            raw[i] ^= mask
            path.write_bytes(raw)
            try:
                with opened(path) as files:
                    for name in files.names:
                        assert files.read(name, 100) == b"some text that compresses, some text"
            except DataError as error:
                assert str(path) in error.where


def test_an_encrypted_file_is_refused(tmp_path):
    path = zipped(tmp_path / "f.zip", {"a.txt": b"text"})
    raw = bytearray(path.read_bytes())
    entry = zipfile.ZipFile(io.BytesIO(raw)).getinfo("a.txt")
    raw[entry.header_offset + 6] |= 1
    raw[raw.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(raw)
    with opened(path) as files, pytest.raises(DataError, match="encrypted"):
        files.read("a.txt", 100)
