"""The operations on the knowledge bases and on the jobs that change them."""

from webadmin.api.openapi.changes import AUTHOR, IF_NONE_MATCH, OF_RELEASE, UNCHANGED
from webadmin.api.openapi.operation import Answer, Body, Operation, Parameter, ref

_TAG = "Базы знаний"
_MARKDOWN = "text/markdown; charset=utf-8"
_FILE = Body(
    {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "description": "Файл .md, .pdf или .docx, до 20 МБ.",
            }
        },
    },
    content_type="multipart/form-data",
)
_UPLOAD_ERRORS = (400, 409, 413, 422, 503)


def _base(path: str, name: str) -> tuple[Operation, Operation]:
    return (
        Operation(
            "get", path, _TAG, f"{name}: текст",
            {
                200: Answer("Markdown.", {"type": "string"}, _MARKDOWN, OF_RELEASE),
                304: UNCHANGED,
            },
            "Опубликованный текст, по которому отвечают сейчас.",
            parameters=(IF_NONE_MATCH,), errors=(503,),
        ),
        Operation(
            "post", f"{path}/upload", _TAG, f"{name}: заменить",
            {
                202: Answer(
                    "Файл принят, база обновляется.", ref("Job"),
                    headers={"Location": "Адрес, по которому следить за работой."},
                )
            },
            "База становится новым выпуском, когда работа сделана; до того отвечают по прежнему.",
            parameters=(AUTHOR,), body=_FILE, errors=_UPLOAD_ERRORS, needs_key=True,
        ),
    )  # fmt: skip


OPERATIONS = (
    *_base("/kb", "Общая база"),
    *_base("/kb2", "Техническая база"),
    Operation(
        "get", "/api/jobs", _TAG, "Последние работы",
        {200: Answer("Работы, новые первыми.", {"type": "array", "items": ref("Job")})},
    ),
    Operation(
        "get", "/api/jobs/{id}", _TAG, "Как идёт работа",
        {200: Answer("Работа.", ref("Job"))},
        parameters=(
            Parameter("id", "path", "Номер из ответа на загрузку.", {"type": "string"}),
        ),
        errors=(404,),
    ),
)  # fmt: skip
