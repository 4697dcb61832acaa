"""``/api/jobs`` for programs, ``/logs-ui/jobs/<id>`` for the progress bar."""

from flask import Blueprint, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from webadmin.jobrecords import Job
from webadmin.services import services
from webadmin.toasts import ToastKind, add_event, add_toast

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/api/jobs")
def all_as_json() -> ResponseReturnValue:
    """The jobs that are known, the youngest first."""
    return jsonify([job.as_json() for job in services().jobs.recent()])


@blueprint.get("/api/jobs/<job_id>")
def as_json(job_id: str) -> ResponseReturnValue:
    """One job."""
    return jsonify(_job_or_404(job_id).as_json())


@blueprint.get("/logs-ui/jobs/<job_id>")
def progress(job_id: str) -> ResponseReturnValue:
    """The progress bar, asked for each second; with a toast when the job has ended.

    A job that nobody knows ends the asking too: it is no error that should be told each second.
    """
    job = services().jobs.get(job_id)
    answer = make_response(render_template("job.html", job=job))
    if job and job.has_ended:
        kind: ToastKind = "success" if job.state == "done" else "error"
        add_toast(answer, kind, f"{job.title}: {job.message}")
        add_event(answer, "job-ended", {"id": job.id, "kind": job.kind, "state": job.state})
    return answer


def _job_or_404(job_id: str) -> Job:
    job = services().jobs.get(job_id)
    if job is None:
        raise NotFound("Такой работы нет или её запись уже удалена.")
    return job
