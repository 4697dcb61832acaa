"""The archive that a .docx is, read within limits that its directory cannot lie about."""

import io
import zipfile
import zlib

from bot.documents.limits import (
    ARCHIVE_FILES,
    UNPACK_RATIO,
    UNPACK_RATIO_FROM_BYTES,
    UNPACKED_BYTES,
)
from bot.errors import KnowledgeError

_DAMAGED = "документ Word повреждён: откройте его в Word и сохраните заново"
_BOMB = (
    "документ распаковывается в слишком большой объём (больше 100 МБ или в 100 раз): "
    "уберите из него вложения или сохраните его заново"
)
_PIECE_BYTES = 256 * 1024


class Archive:
    """Files of a .docx by name; only what is asked for is unpacked.

    Raises :class:`KnowledgeError` for an archive that is damaged, protected or a zip bomb.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise KnowledgeError(_DAMAGED) from error
        self._left = UNPACKED_BYTES
        _check_directory(self._zip.infolist())

    def read(self, name: str) -> bytes | None:
        """The file, or None where there is none. All files read share one limit of size."""
        try:
            entry = self._zip.getinfo(name)
        except KeyError:
            return None
        pieces: list[bytes] = []
        try:
            # In pieces: unpacked at once, a file is in memory before its size can be seen.
            with self._zip.open(entry) as file:
                while piece := file.read(_PIECE_BYTES):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise KnowledgeError(_BOMB)
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
            raise KnowledgeError(_DAMAGED) from error
        return b"".join(pieces)


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise KnowledgeError("архив документа защищён паролем: сохраните документ без пароля")
    if len(entries) > ARCHIVE_FILES or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        raise KnowledgeError(_BOMB)
    for entry in entries:
        large = entry.file_size > UNPACK_RATIO_FROM_BYTES
        if large and entry.file_size > UNPACK_RATIO * entry.compress_size:
            raise KnowledgeError(_BOMB)
