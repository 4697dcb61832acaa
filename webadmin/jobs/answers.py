"""What a request that started a job answers with."""

from flask import Response, jsonify, make_response, render_template, url_for

from webadmin.extensions import htmx
from webadmin.jobrecords import Job


def accepted(job: Job) -> Response:
    """202 with the job: its JSON and address for programs, its progress bar for htmx."""
    if htmx:
        return make_response(render_template("job.html", job=job), 202)
    answer = make_response(jsonify(job.as_json()), 202)
    answer.headers["Location"] = url_for("jobs.as_json", job_id=job.id)
    return answer
